public import BoxOCI
public import BoxSecurity
internal import BoxSystem

/// A spec that was read from a text and checked. Whoever compiles that very spec need not check it again, and later calls
/// may read the text itself: it says all but that a bundle's figures are asked for, which counts at the launch alone.
/// A class, for a spec is large: pages of stack that are written for the first time are a part of what a start takes.
public final class CheckedConfig: Sendable {
    let text: [UInt8]
    public let spec: Spec
    /// Of `linux.seccomp`.
    let profile: ArraySlice<UInt8>?
    /// What `profile` is known to become; then the spec is without it.
    let filter: SeccompProgram?

    /// `.invalidSpec` with line and column when the text is no Spec.
    ///
    /// - Parameter filters: where a profile's text may be known from
    init(text: [UInt8], filters: SeccompCache?) throws(BoxError) {
        self.text = text
        guard let filters else {
            (spec, profile, filter) = (try Spec.read(json: text), nil, nil)
            return
        }
        var found: SeccompProgram?
        let read = try Spec.read(json: text) { text in
            found = filters.program(forText: text)
            return found != nil
        }
        spec = read.spec
        profile = read.profile.map { text[$0] }
        filter = found
    }

    /// The same with another spec, which is this one but for what is no part of the text.
    private init(_ other: CheckedConfig, spec: Spec) {
        (text, profile, filter) = (other.text, other.profile, other.filter)
        self.spec = spec
    }

    /// Of a bundle: who runs one asks for figures and for other limits later on.
    func accounting() -> CheckedConfig {
        var spec = spec
        spec.box.accounting = true
        return CheckedConfig(self, spec: spec)
    }

    /// The filter of a profile; kept by its text as well, where the profile is the text's own.
    func compile(_ profile: Seccomp, _ filters: SeccompCache) throws(BoxError) -> SeccompProgram {
        let program = try filters.program(for: profile)
        if let text = self.profile, profile == spec.linux.seccomp { filters.keep(program, forText: text) }
        return program
    }
}

/// Reading the files that engines write: a bundle's config.json, and the process.json of `exec`.
public enum ConfigFile {
    /// `.notFound` when there is none; `.invalidSpec` with line and column when its text is no Spec.
    public static func read(_ path: String) throws(BoxError) -> Spec { try readText(path, filters: nil).spec }

    /// The same, with the text; without `linux.seccomp` where that is known from `filters`.
    public static func readText(_ path: String, filters: SeccompCache?) throws(BoxError) -> CheckedConfig {
        let text = try text(of: path, remedy: "name the directory of an OCI bundle")
        return try naming(path) { () throws(BoxError) in
            try CheckedConfig(text: text, filters: filters).accounting()
        }
    }

    /// The same for a process alone.
    public static func readProcess(_ path: String) throws(BoxError) -> Process {
        let text = try text(of: path, remedy: "name a file that holds a process as config.json has it")
        return try naming(path) { () throws(BoxError) in try Process.read(json: text) }
    }

    private static func text(of path: String, remedy: String) throws(BoxError) -> [UInt8] {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read \(path)", errno: errno,
                found: errno == .invalidArgument ? "it is no regular file" : nil,
                remedy: errno == .noSuchFileOrDirectory ? remedy : nil)
        }
        return try explaining(failure) { () throws(Errno) in
            // A FIFO must not keep us waiting, nor a device feed us for ever.
            let file = try File.open(path, FileFlags.readOnly | FileFlags.nonBlocking | FileFlags.noControllingTerminal)
            if try File.status(at: file.raw).kind != .file { throw .invalidArgument }
            return try File.readAll(file.raw, limit: 16 << 20)
        }
    }

    private static func naming<Value>(
        _ path: String, _ read: () throws(BoxError) -> Value
    ) throws(BoxError) -> Value {
        do throws(BoxError) {
            return try read()
        } catch {
            var named = error
            named.message = "\(path): \(error.message)"
            throw named
        }
    }
}
