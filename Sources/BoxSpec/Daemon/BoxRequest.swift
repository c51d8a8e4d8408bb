public import BoxDocument
public import BoxOCI

/// A box as the daemon is asked for it: the body of `POST /swiftbox/boxes/create`. A value type; safe on any thread.
public struct BoxRequest: Equatable, Sendable {
    public var options: RunOptions
    public var daemon: DaemonOptions
    /// Beside those of the options.
    public var labels: [(name: String, value: String)] = []
    /// The streams that whoever creates the box attaches to.
    public var attachesInput = false
    public var attachesOutput = false
    /// The size that a terminal has from the start.
    public var terminalSize: (rows: UInt16, columns: UInt16)?

    public init(options: RunOptions, daemon: DaemonOptions = DaemonOptions()) {
        self.options = options
        self.daemon = daemon
    }

    public static func == (left: BoxRequest, right: BoxRequest) -> Bool {
        left.options == right.options && left.daemon == right.daemon
            && left.labels.elementsEqual(right.labels, by: ==)
            && left.attachesInput == right.attachesInput && left.attachesOutput == right.attachesOutput
            && left.terminalSize?.rows == right.terminalSize?.rows
            && left.terminalSize?.columns == right.terminalSize?.columns
    }

    /// Flags that mean nothing to a box that outlives its caller.
    private static let refused: [(String, @Sendable (RunOptions) -> Bool, String)] = [
        ("--bundle", { $0.bundle != nil }, "the daemon makes its bundles itself"),
        ("--upper", { $0.upper != nil }, "the daemon keeps a box's changes itself"),
        (
            "--report", { $0.report != nil },
            "the daemon keeps the report of every run: swiftbox report show --box NAME"
        ),
        (
            "--copy-out", { !$0.copyOut.isEmpty || $0.copyOutLimit != nil },
            "the files stay until the box is removed: swiftbox cp"
        ),
    ]

    /// The body: paths are absolute, and variables have their values, for the daemon has neither the caller's directory
    /// nor their environment.
    ///
    /// - Throws: `.unsupported` for what the daemon does not take, `.invalidSpec` for values that cannot be used, both
    ///   naming the flag.
    public func document(_ context: SpecContext) throws(BoxError) -> Node {
        for (flag, isGiven, why) in Self.refused where isGiven(options) {
            throw BoxError(.unsupported, "\(flag) cannot be used with the daemon: \(why)", field: flag)
        }
        var sent = options
        sent.log = nil
        sent.quiet = false
        sent.name = nil
        sent.env = try options.givenVariables(context)
        sent.envFiles = []
        sent.rootfs = options.rootfs.map(context.absolute)
        sent.layers = options.layers.map(context.absolute)
        sent.volumes = options.volumes.map { Self.absoluteSource($0, context) }
        sent.mounts = options.mounts.map { Self.absoluteMount($0, context) }
        sent.devices = options.devices.map { Self.absoluteSource($0, context, always: true) }
        sent.securityOpts = []
        for text in options.securityOpts { sent.securityOpts.append(try Self.profileItself(text, context)) }
        var members = [Member("options", sent.document)] + (try daemon.members())
        if !labels.isEmpty {
            members.append(Member("labels", Node(.object(labels.map { Member($0.name, Node(.string($0.value))) }))))
        }
        if let text = options.stopTimeout {
            let milliseconds = try Durations.milliseconds(text, atLeast: 0, flag: "--stop-timeout")
            members.append(Member("stop_timeout", Node(.integer(Int64(milliseconds + 999) / 1000))))
        }
        func flag(_ key: String, _ value: Bool) { if value { members.append(Member(key, Node(.bool(true)))) } }
        flag("open_stdin", options.interactive)
        flag("stdin_once", options.interactive && attachesInput)
        flag("attach_stdin", attachesInput)
        flag("attach_stdout", attachesOutput)
        flag("attach_stderr", attachesOutput)
        if let terminalSize {
            members.append(Member("columns", Node(.integer(Int64(terminalSize.columns)))))
            members.append(Member("rows", Node(.integer(Int64(terminalSize.rows)))))
        }
        return Node(.object(members))
    }

    /// `SRC:DST…`; what has no colon is no source, but for a device.
    private static func absoluteSource(_ text: String, _ context: SpecContext, always: Bool = false) -> String {
        guard let colon = text.firstIndex(of: ":") else { return always ? context.absolute(text) : text }
        let source = String(text[..<colon])
        // A bare word is a volume's name: the daemon says what becomes of it.
        return source.contains("/") || source.hasPrefix(".") || always
            ? context.absolute(source) + text[colon...] : text
    }

    private static func absoluteMount(_ text: String, _ context: SpecContext) -> String {
        text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let (name, value) = cutPair(String(word)), ["src", "source"].contains(name), !value.isEmpty else {
                return String(word)
            }
            return "\(name)=\(context.absolute(value))"
        }.joined(separator: ",")
    }

    /// The file is the caller's to read, not the daemon's.
    private static func profileItself(_ text: String, _ context: SpecContext) throws(BoxError) -> String {
        guard let (name, value) = cutPair(text), name == "seccomp", !value.isEmpty, value != "unconfined",
            !RunOptions.isSeccompProfile(value)
        else { return text }
        let bytes = try context.readFile(context.absolute(value), "--security-opt")
        guard let profile = String(validating: bytes, as: UTF8.self), RunOptions.isSeccompProfile(profile) else {
            throw refusal("--security-opt", text, "is no seccomp profile")
        }
        return "seccomp=" + profile
    }
}
