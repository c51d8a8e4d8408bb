internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// What was asked for with the image's part put in.
struct ResolvedBox: Equatable {
    /// `sha256:…`, `host`, or "" where the root is a directory of the host's.
    var imageID: String
    /// The root file system is left out where an image gives it: its place may move.
    var options: RunOptions
}

extension BoxEngine {
    /// - Throws: what the policy or the daemon does not take, and an image that is not there
    func resolve(_ wanted: WantedBox) throws(EngineError) -> ResolvedBox {
        try Self.refuse(wanted)
        try configuration.policy.check(wanted)
        var options = wanted.options
        options.name = nil
        options.interactive = false
        let image = wanted.image ?? ""
        if image.isEmpty || image == "host" {
            if image == "host" && options.rootfs != nil {
                throw EngineError(.invalid, "the image host and --rootfs name two roots")
            }
            return ResolvedBox(imageID: options.rootfs == nil ? "host" : "", options: options)
        }
        let view = try images.find(image)
        if options.rootfs != nil || !options.layers.isEmpty {
            throw EngineError(.invalid, "the image \(image) and --rootfs name two roots")
        }
        merge(view.config, into: &options, clearsEntrypoint: wanted.clearsEntrypoint)
        return ResolvedBox(imageID: view.id, options: options)
    }

    /// An entrypoint of one's own leaves the image's command out, too.
    private func merge(_ image: ImageConfig, into options: inout RunOptions, clearsEntrypoint: Bool) {
        if options.entrypoint == nil && !clearsEntrypoint {
            options.entrypoint = image.entrypoint.first
            options.entrypointArguments = Array(image.entrypoint.dropFirst())
            if options.command.isEmpty { options.command = image.command }
        }
        options.env = image.env + options.env
        if options.workdir == nil && !image.workingDirectory.isEmpty { options.workdir = image.workingDirectory }
        if options.user == nil && !image.user.isEmpty { options.user = image.user }
        options.stopSignal = options.stopSignal ?? image.stopSignal
    }

    /// Flags of a foreground run that mean nothing, or something else, for a box that an engine has.
    private static func refuse(_ wanted: WantedBox) throws(EngineError) {
        let options = wanted.options
        let refused: [(String, Bool)] = [
            ("--bundle", options.bundle != nil), ("--report", options.report != nil), ("--log", options.log != nil),
            ("--quiet", options.quiet), ("--env-file", !options.envFiles.isEmpty),
            ("--copy-out", !options.copyOut.isEmpty || options.copyOutLimit != nil), ("--upper", options.upper != nil),
        ]
        if let (flag, _) = refused.first(where: { $0.1 }) {
            throw EngineError(
                .unsupported, "\(flag) is not available for a box of the daemon's\n  try:   swiftbox run without -d")
        }
        if wanted.autoRemove && wanted.restart != .no {
            throw EngineError(.invalid, "--rm and --restart \(wanted.restart.text) contradict each other")
        }
        let drivers = ["json-file", "journald", "none"]
        if let driver = wanted.logDriver, !drivers.contains(driver) {
            throw EngineError(
                .unsupported, "--log-driver \(driver) is not known\n  try:   \(drivers.joined(separator: ", "))")
        }
        for (key, value) in wanted.logOptions {
            guard key == "max-size" || key == "max-file" else {
                throw EngineError(.unsupported, "--log-opt \(key) is not known\n  try:   max-size, max-file")
            }
            if LogLimits.number(value) == nil { throw EngineError(.invalid, "--log-opt \(key)=\(value) is no number") }
        }
        if let check = wanted.healthCheck, let first = check.test.first, !["NONE", "CMD", "CMD-SHELL"].contains(first) {
            throw EngineError(.invalid, "a health check must begin with NONE, CMD or CMD-SHELL, not \(first)")
        }
    }
}

/// How large a box's log may grow.
struct LogLimits: Equatable {
    var size: Int64
    var files: Int

    init(_ wanted: WantedBox, _ configuration: EngineConfiguration) {
        size = wanted.logOptions["max-size"].flatMap(Self.number) ?? configuration.logMaxSize
        files = wanted.logOptions["max-file"].flatMap(Self.number).map { Int($0) } ?? configuration.logMaxFiles
    }

    /// `10m`; -1 is without bound.
    static func number(_ text: String) -> Int64? {
        let lower = text.lowercased()
        let digits = lower.prefix { $0 == "-" || $0.isASCII && $0.isNumber }
        let shifts: [Substring: Int64] = ["": 0, "b": 0, "k": 10, "kb": 10, "m": 20, "mb": 20, "g": 30, "gb": 30]
        guard let number = Int64(digits), let shift = shifts[lower.dropFirst(digits.count)],
            number < 1 << 20 || shift == 0
        else { return nil }
        return number << shift
    }
}
