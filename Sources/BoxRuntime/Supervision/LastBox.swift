internal import BoxOCI
internal import BoxSystem

/// What a box had that was launched with nothing fitting prepared, beside the boxes' own directories: the next one is
/// probably like it. Nothing of its process, its files or its names. What is not there, or is not ours alone to write, costs
/// time and is no error.
enum LastBox {
    private static let name = "/.last-box.json"

    static func read(_ stateRoot: String) -> [UInt8]? {
        do throws(Errno) {
            let flags = FileFlags.readOnly | FileFlags.noFollow | FileFlags.nonBlocking
            let file = try File.open(stateRoot + name, flags)
            let status = try File.status(at: file.raw)
            if status.kind != .file || status.uid != Caller.userID || status.mode & 0o022 != 0 { return nil }
            return try File.readAll(file.raw, limit: 1 << 20)
        } catch {
            return nil
        }
    }

    static func remember(_ plan: LaunchPlan, _ source: CheckedConfig, _ stateRoot: String) throws(Errno) {
        var spec = Rehearsal.usual
        spec.process?.capabilities = plan.spec.process?.capabilities
        spec.linux.resources.devices = plan.spec.linux.resources.devices
        spec.linux.seccomp = plan.spec.linux.seccomp
        let text = spec.text(profile: spec.linux.seccomp == nil ? source.profile : nil)
        // A reader that meets half of it does without.
        try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in try File.remove(stateRoot + name) }
        try tolerating(.fileExists) { () throws(Errno) in
            let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly
            let file = try File.open(stateRoot + name, flags, mode: 0o600)
            try File.write(text, to: file.raw)
        }
    }
}
