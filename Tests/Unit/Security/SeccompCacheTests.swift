import BoxOCI
import BoxSystem
import Foundation
import Testing

@testable import BoxSecurity

@Suite struct SeccompCacheTests {
    private let directory = NSTemporaryDirectory() + "swiftbox-cache-\(UUID().uuidString)"
    private let profile = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)

    private func make(mode: UInt32 = 0o700) throws {
        try File.makeDirectory(directory, mode: mode)
        // Whatever the umask is.
        try File.changeMode(directory, mode: mode, at: FileFlags.currentDirectory)
    }

    private func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory) }

    private func path() throws -> String { directory + "/" + (try #require(try files().first)) }

    @Test func aSecondCompilationReadsTheFirst() throws {
        try make()
        defer { remove() }
        let cache = SeccompCache(directory: directory)
        let first = try cache.program(for: profile)
        #expect(try files().count == 1)
        // What is read is what stands in the file: another program under the same key would be believed.
        let key = SeccompCache.key(profile, kernel: try Kernel.name().release)
        var other = SeccompProgram(
            instructions: [6, 0, 0, 0, 0, 0, 0, 0], flags: 2, unknownSyscalls: ["a", "b"], listens: true)
        try Data(CachedFilter(key: key, program: other).bytes).write(to: URL(filePath: path()))
        other.keptAs = first.keptAs
        #expect(try cache.program(for: profile) == other)
        var compiled = try SeccompCompiler.compile(profile)
        compiled.keptAs = try files().first
        #expect(first == compiled)
    }

    @Test func aNameIsEnough() throws {
        try make()
        defer { remove() }
        let cache = SeccompCache(directory: directory)
        let program = try cache.program(for: profile)
        let name = try #require(program.keptAs)
        #expect(cache.program(keptAs: name) == program)
        #expect(cache.program(keptAs: "x" + name) == nil && cache.program(keptAs: ".seccomp-/../" + name) == nil)
        let listening = SeccompProgram(instructions: [6, 0, 0, 0, 0, 0, 0, 0], flags: 8, listens: true)
        try Data(CachedFilter(key: [1], program: listening).bytes).write(to: URL(filePath: path()))
        #expect(cache.program(keptAs: name) == nil)
    }

    @Test func aTextIsKnownOnceItsProgramWasKept() throws {
        try make()
        defer { remove() }
        let cache = SeccompCache(directory: directory)
        let text = Array("x{1}y".utf8)
        #expect(cache.program(forText: text[1..<4]) == nil)
        var program = SeccompProgram(instructions: [6, 0, 0, 0, 0, 0, 0, 0], flags: 2, unknownSyscalls: ["a"])
        cache.keep(program, forText: text[1..<4])
        program.keptAs = try files().first
        #expect(cache.program(forText: Array("{1}".utf8)[...]) == program)
        #expect(program.keptAs.flatMap(cache.program(keptAs:)) == program)
        #expect(cache.program(forText: text[1...]) == nil && cache.program(forText: text[1..<3]) == nil)
        #expect(cache.program(forText: Array("{2}".utf8)[...]) == nil)
        // Whoever listens stands in the profile.
        cache.keep(SeccompProgram(instructions: [6, 0, 0, 0, 0, 0, 0, 0], flags: 8, listens: true), forText: text[...])
        #expect(try files().count == 1)
    }

    @Test func everyPartOfAProfileIsInTheKey() throws {
        func key(_ change: (inout Seccomp) -> Void) -> [UInt8] {
            var changed = profile
            change(&changed)
            return SeccompCache.key(changed, kernel: "1")
        }
        var keys = [key { _ in }, SeccompCache.key(profile, kernel: "2")]
        keys.append(key { $0.defaultAction = "SCMP_ACT_LOG" })
        keys.append(key { $0.defaultErrnoRet = 77 })
        keys.append(key { $0.architectures = [] })
        keys.append(key { $0.flags = ["SECCOMP_FILTER_FLAG_LOG"] })
        keys.append(key { $0.syscalls[0].names.append("x") })
        keys.append(key { $0.syscalls[0].action = "SCMP_ACT_TRAP" })
        keys.append(key { $0.syscalls[0].errnoRet = 5 })
        keys.append(
            key { $0.syscalls[0].args = [Seccomp.Argument(index: 1, value: 2, valueTwo: 3, op: "SCMP_CMP_EQ")] })
        keys.append(
            key { $0.syscalls[0].args = [Seccomp.Argument(index: 1, value: 2, valueTwo: 4, op: "SCMP_CMP_EQ")] })
        #expect(Set(keys).count == keys.count)
    }

    @Test(arguments: [0o777, 0o775, 0o770] as [UInt32])
    func aDirectoryThatOthersCanWriteToIsNotUsed(_ mode: UInt32) throws {
        try make(mode: mode)
        defer { remove() }
        _ = try SeccompCache(directory: directory).program(for: profile)
        #expect(try files() == [])
    }

    @Test func whatIsCutForgedOrOpenToOthersIsCompiledAnew() throws {
        try make()
        defer { remove() }
        let cache = SeccompCache(directory: directory)
        let right = try cache.program(for: profile)
        let whole = try Data(contentsOf: URL(filePath: path()))
        for count in [0, 10, 60, whole.count / 2, whole.count - 1] {
            try whole.prefix(count).write(to: URL(filePath: path()))
            #expect(try cache.program(for: profile) == right, "\(count)")
        }
        var changed = whole
        changed[whole.count - 5] ^= 1
        try changed.write(to: URL(filePath: path()))
        #expect(try cache.program(for: profile) == right)
        // A file that others may write to is not believed even where it is right.
        let key = SeccompCache.key(profile, kernel: try Kernel.name().release)
        let forged = SeccompProgram(instructions: [6, 0, 0, 0, 0, 0, 0xff, 0x7f], flags: 0)
        try Data(CachedFilter(key: key, program: forged).bytes).write(to: URL(filePath: path()))
        try File.changeMode(path(), mode: 0o666, at: FileFlags.currentDirectory)
        #expect(try cache.program(for: profile) == right)
        let target = directory + "/elsewhere"
        try Data(CachedFilter(key: key, program: forged).bytes).write(to: URL(filePath: target))
        let name = try #require(try files().first { $0.hasPrefix(SeccompCache.prefix) })
        try FileManager.default.removeItem(atPath: directory + "/" + name)
        try FileManager.default.createSymbolicLink(atPath: directory + "/" + name, withDestinationPath: target)
        #expect(try cache.program(for: profile) == right)
    }

    @Test func noMoreThanAFewAreKept() throws {
        try make()
        defer { remove() }
        for number in 0..<70 {
            var profile = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
            profile.defaultErrnoRet = nil
            profile.syscalls = [Seccomp.Syscall(names: ["mount"], action: "SCMP_ACT_ERRNO")]
            profile.syscalls[0].errnoRet = UInt32(number)
            _ = try SeccompCache(directory: directory).program(for: profile)
        }
        #expect(try files().count < 65)
    }

    private func remove() {
        do { try FileManager.default.removeItem(atPath: directory) } catch { Issue.record(error) }
    }
}
