import BoxOCI
import BoxSecurity
import BoxSystem
import Testing

@Suite struct ExecLabelTests {
    private func plan(
        appArmor: Bool = false, seLinux: Bool = false, profile: String? = nil, label: String? = nil
    ) throws -> ExecLabel? {
        var facts = LSMFacts()
        facts.appArmor = appArmor
        facts.seLinux = seLinux
        var process = Process()
        process.apparmorProfile = profile
        process.selinuxLabel = label
        return try ExecLabel.plan(process, facts)
    }

    @Test func whatIsAskedForIsPlanned() throws {
        #expect(try plan(appArmor: true, profile: "box") == .appArmor("box"))
        #expect(try plan(seLinux: true, label: "a:b:c:s0") == .seLinux("a:b:c:s0"))
        #expect(try plan(appArmor: true, seLinux: true) == nil)
        #expect(try plan(profile: "", label: "") == nil)
    }

    @Test func unconfinedIsTrueWithoutAppArmor() throws {
        #expect(try plan(profile: "unconfined") == nil)
        #expect(try plan(appArmor: true, profile: "unconfined") == .appArmor("unconfined"))
        #expect(try plan(seLinux: true, profile: "unconfined", label: "x") == .seLinux("x"))
    }

    @Test func whatTheHostLacksIsRefusedByField() throws {
        let profile = try #require(throws: BoxError.self) { _ = try plan(seLinux: true, profile: "box") }
        #expect(profile.kind == .unsupported && profile.field == "process.apparmorProfile")
        let label = try #require(throws: BoxError.self) { _ = try plan(appArmor: true, label: "x") }
        #expect(label.kind == .unsupported && label.field == "process.selinuxLabel")
        let both = try #require(throws: BoxError.self) {
            _ = try plan(appArmor: true, seLinux: true, profile: "box", label: "x")
        }
        #expect(both.kind == .unsupported)
    }

    @Test func controlCharactersAreRefused() throws {
        let error = try #require(throws: BoxError.self) { _ = try plan(appArmor: true, profile: "box\nunconfined") }
        #expect(error.kind == .invalidSpec)
    }

    /// A stand-in for /proc/self: what is written where, and that links are not followed.
    @Test func theLabelGoesToTheModulesOwnFile() throws {
        let folder = "/tmp/swiftbox-exec-label"
        defer { Self.clean(folder) }
        Self.clean(folder)
        try File.makeDirectory(folder, mode: 0o700)
        let process = try File.open(folder, FileFlags.path | FileFlags.directory)
        try File.makeDirectory("attr", mode: 0o700, at: process.raw)
        try File.open("attr/exec", FileFlags.create | FileFlags.writeOnly, mode: 0o600, at: process.raw).close()
        try ExecLabel.appArmor("box").write(below: process.raw)
        #expect(try File.text(of: "attr/exec", at: process.raw) == "exec box")
        try ExecLabel.seLinux("u:r:t:level").write(below: process.raw)
        #expect(try File.text(of: "attr/exec", at: process.raw) == "u:r:t:level")
        try File.makeDirectory("attr/apparmor", mode: 0o700, at: process.raw)
        try File.makeLink("attr/apparmor/exec", to: "../exec", at: process.raw)
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try ExecLabel.appArmor("box").write(below: process.raw) }
        try File.remove("attr/apparmor/exec", at: process.raw)
        try File.open("attr/apparmor/exec", FileFlags.create | FileFlags.writeOnly, mode: 0o600, at: process.raw)
            .close()
        try ExecLabel.appArmor("own").write(below: process.raw)
        #expect(try File.text(of: "attr/apparmor/exec", at: process.raw) == "exec own")
        try process.close()
    }

    private static func clean(_ folder: String) {
        for (name, directory) in [
            ("attr/apparmor/exec", false), ("attr/apparmor", true), ("attr/exec", false), ("attr", true), ("", true),
        ] {
            do throws(Errno) {
                try File.remove("\(folder)/\(name)", directory: directory)
            } catch {
                continue
            }
        }
    }
}
