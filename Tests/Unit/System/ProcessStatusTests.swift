import Testing

@testable import BoxSystem

@Suite struct ProcessStatusTests {
    private func status(_ name: String, _ state: String, _ fields: Int) -> ProcessStatus? {
        let rest = (4..<max(4, fields + 1)).map { String($0 == 4 ? 17 : $0 == 22 ? 123_456 : $0) }
        return ProcessStatus(line: Array(("42 (\(name)) \(state) " + rest.joined(separator: " ") + "\n").utf8))
    }

    @Test(arguments: ["sh", "a b", ") Z 1 (", "", "(", "é"]) func theNameMayHoldAnything(_ name: String) {
        let found = status(name, "S", 52)
        #expect(found?.parent == 17 && found?.start == 123_456 && found?.isZombie == false)
    }

    @Test func theDeadAreTold() {
        #expect(status("sh", "Z", 52)?.isZombie == true && status("sh", "X", 52)?.isZombie == true)
        #expect(status("sh", "R", 52)?.isZombie == false)
    }

    @Test func nothingIsMadeOfLess() {
        #expect(status("sh", "S", 21) == nil)
        #expect(ProcessStatus(line: Array("42 sh S 1".utf8)) == nil && ProcessStatus(line: []) == nil)
        #expect(
            ProcessStatus(line: Array("42 (sh) S one 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20".utf8)) == nil)
    }
}
