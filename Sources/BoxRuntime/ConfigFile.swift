public import BoxOCI
internal import BoxSystem

/// A spec that was read from a text and checked. Whoever compiles that very spec need not check it again, and later calls
/// may read the text itself: it says all but that a bundle's figures are asked for, which counts at the launch alone.
/// A class, for a spec is large: pages of stack that are written for the first time are a part of what a start takes.
public final class CheckedConfig: Sendable {
    let text: [UInt8]
    public let spec: Spec

    init(text: [UInt8], spec: Spec) {
        self.text = text
        self.spec = spec
    }
}

/// Reading the files that engines write: a bundle's config.json, and the process.json of `exec`.
public enum ConfigFile {
    /// `.notFound` when there is none; `.invalidSpec` with line and column when its text is no Spec.
    public static func read(_ path: String) throws(BoxError) -> Spec { try readText(path).spec }

    /// The same, with the text.
    public static func readText(_ path: String) throws(BoxError) -> CheckedConfig {
        let text = try text(of: path, remedy: "name the directory of an OCI bundle")
        return try naming(path) { () throws(BoxError) in
            var spec = try Spec.read(json: text)
            // Who runs a bundle asks for figures and for other limits later on.
            spec.box.accounting = true
            return CheckedConfig(text: text, spec: spec)
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
