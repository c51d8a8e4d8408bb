internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec

/// `swiftbox run --bundle DIR`, with a name and a root at most: read without the parser, which takes longer than the
/// box's start. Every other flag, and every mistake, is the parser's.
struct PlainBundleRun {
    private var options = RunOptions()
    private var root: String?

    /// The words behind `run`; nil leaves them to the parser.
    init?(_ words: ArraySlice<String>) {
        var words = words
        while let flag = words.popFirst() {
            guard let value = words.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
            switch flag {
            case "--bundle" where options.bundle == nil: options.bundle = value
            case "--name" where options.name == nil: options.name = value
            case "--root" where root == nil: root = value
            default: return nil
            }
        }
        if options.bundle == nil { return nil }
    }

    /// The exit status of the workload.
    func run() throws -> Int32 {
        if let name = options.name { try BoxName.check(name, field: "--name") }
        let context = try SpecContext.ofHost(id: options.name ?? RunFlags.randomID(), options: options)
        var request = try RunFlags.bundled(options.bundle ?? "", options, context, root: root)
        request.warn = Report.warning
        try RunFlags.makeStateRoot(request.stateRoot)
        do {
            return try runForeground(request)
        } catch {
            throw request.naming(error)
        }
    }
}
