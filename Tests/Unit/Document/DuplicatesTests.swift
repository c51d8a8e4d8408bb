import Testing

@testable import BoxDocument

@Suite struct DuplicatesTests {
    private func first(_ keys: [String]) -> [Int]? {
        Duplicates.first(of: keys.count) { keys[$0] }.map { [$0.first, $0.second] }
    }

    @Test(arguments: [0, 1, 2, 16, 17, 100, 3000])
    func findsWhatStandsTwice(_ count: Int) {
        let keys = (0..<count).map { "key \($0)" }
        #expect(first(keys) == nil)
        if count < 2 { return }
        for (one, other) in [(0, 1), (0, count - 1), (count - 2, count - 1)] {
            var twice = keys
            twice[other] = keys[one]
            #expect(first(twice) == [one, other], "\(count)")
        }
    }

    /// Equal as Unicode has it is equal: the keys of one document are compared as strings everywhere.
    @Test func comparesAsStringsDo() {
        #expect(first(["é", "e\u{301}"]) == [0, 1])
        #expect(first(["", ""]) == [0, 1])
        let many = (0..<40).map { "key \($0)" }
        #expect(first(["é"] + many + ["e\u{301}"]) == [0, 41])
    }

    @Test(arguments: [2, 17, 100]) func whatStandsBehindASeparatorDoesNotCount(_ count: Int) {
        let variables = (0..<count).map { "NAME\($0)=\($0)" }
        func first(_ texts: [String]) -> [Int]? {
            Duplicates.first(of: texts.count, before: UInt8(ascii: "=")) { texts[$0] }.map { [$0.first, $0.second] }
        }
        #expect(first(variables) == nil)
        #expect(first(variables + ["NAME1=other=NAME1"]) == [1, count])
        #expect(first(variables + ["NAME1"]) == [1, count])
        #expect(first(["é=1"] + variables + ["e\u{301}=2"]) == [0, count + 1])
        #expect(first(["=1"] + variables + ["=2"]) == [0, count + 1])
    }

    /// Names that count up are found without a set: they lie apart.
    @Test(arguments: ["SERVICE_#_PORT", "org.example.annotation-#", "K#", "#", "VARIABLE_NUMBER_#_X"])
    func ordinaryKeysLieApart(_ pattern: String) {
        let (size, count) = (1024, 500)
        var taken = Set<Int>()
        for index in 0..<count {
            let key = pattern.replacing("#", with: String(index))
            var place = (Duplicates.hash(key) ?? 0) & (size - 1)
            var probes = 0
            while !taken.insert(place).inserted {
                probes += 1
                place = (place + 1) & (size - 1)
            }
            #expect(probes < Duplicates.mostProbes, "\(key)")
        }
    }

    /// Keys of one place in the table are as quick to find as others, and found.
    @Test func keysMadeToCollide() {
        let size = 16384
        let colliding = (0...).lazy.map { "k\($0)" }.filter { (Duplicates.hash($0) ?? 0) & (size - 1) == 7 }
        let keys = Array(colliding.prefix(100)) + (0..<5000).map { "other \($0)" }
        #expect(first(keys) == nil)
        #expect(first(keys + [keys[99]]) == [99, keys.count])
    }
}
