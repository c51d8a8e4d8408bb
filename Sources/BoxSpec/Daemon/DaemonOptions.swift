public import BoxDocument
public import BoxOCI

/// What `run` can ask of a daemon beyond `RunOptions`, as it was typed: nothing is checked yet. A value type; safe on any
/// thread.
public struct DaemonOptions: Equatable, Sendable {
    /// An image's name or id; `host` and nil are the host's own root.
    public var image: String?
    public var restart: String?
    /// A line for a shell.
    public var healthCommand: String?
    /// Docker's form, `["CMD", program, …]`: of a spec file.
    public var healthTest: [String] = []
    public var healthInterval: String?
    public var healthTimeout: String?
    public var healthStartPeriod: String?
    public var healthRetries: String?
    public var healthOnFailure: String?
    public var noHealthcheck = false
    public var logDriver: String?
    /// `NAME=VALUE` each.
    public var logOptions: [String] = []
    public var autoRemove = false

    public init() {}

    private typealias Access = @Sendable (inout DaemonOptions, (inout String?) -> Void) -> Void

    private static let texts: [(flag: String, access: Access)] = [
        ("--image", { $1(&$0.image) }), ("--restart", { $1(&$0.restart) }), ("--health-cmd", { $1(&$0.healthCommand) }),
        ("--health-interval", { $1(&$0.healthInterval) }), ("--health-timeout", { $1(&$0.healthTimeout) }),
        ("--health-start-period", { $1(&$0.healthStartPeriod) }), ("--health-retries", { $1(&$0.healthRetries) }),
        ("--health-on-failure", { $1(&$0.healthOnFailure) }), ("--log-driver", { $1(&$0.logDriver) }),
    ]

    /// Sets what a flag says, such as `--image`.
    public mutating func set(_ flag: String, _ value: String?) -> FlagReading {
        switch flag {
        case "--no-healthcheck": return FlagReading.flag(&noHealthcheck, value)
        case "--log-opt": return FlagReading.list(&logOptions, value)
        default:
            guard let text = Self.texts.first(where: { $0.flag == flag }) else { return .other }
            var reading = FlagReading.other
            text.access(&self) { reading = FlagReading.text(&$0, value) }
            return reading
        }
    }

    /// The flags that were given and that no run without a daemon can keep.
    public var givenFlags: [String] {
        if self == DaemonOptions() { return [] }
        var options = self
        var flags: [String] = []
        for text in Self.texts { text.access(&options) { if $0 != nil { flags.append(text.flag) } } }
        if !healthTest.isEmpty && healthCommand == nil { flags.append("--health-cmd") }
        if noHealthcheck { flags.append("--no-healthcheck") }
        if !logOptions.isEmpty { flags.append("--log-opt") }
        return flags
    }

    /// These options with what was typed over them: scalars replace, lists append.
    public func overridden(by flags: DaemonOptions) -> DaemonOptions {
        var (merged, flags) = (self, flags)
        for text in Self.texts {
            text.access(&flags) { given in if let given { text.access(&merged) { $0 = given } } }
        }
        if flags.healthCommand != nil { merged.healthTest = [] }
        if flags.noHealthcheck {
            merged = merged.withoutHealth
            merged.noHealthcheck = true
        }
        merged.logOptions += flags.logOptions
        merged.autoRemove = merged.autoRemove || flags.autoRemove
        return merged
    }

    private var withoutHealth: DaemonOptions {
        var rest = self
        rest.healthCommand = nil
        rest.healthTest = []
        rest.healthInterval = nil
        rest.healthTimeout = nil
        rest.healthStartPeriod = nil
        rest.healthRetries = nil
        rest.healthOnFailure = nil
        return rest
    }

    // MARK: As the daemon is told

    /// The members of a create request beside `options`.
    ///
    /// - Throws: `.invalidSpec` for a value that cannot be used, naming the flag.
    public func members() throws(BoxError) -> [Member] {
        var members: [Member] = []
        if let image { members.append(Member("image", Node(.string(try Self.word(image, "--image"))))) }
        if let restart {
            members.append(Member("restart", Node(.string(try Self.policy(restart)))))
            if autoRemove && restart != "no" {
                throw conflict("--rm", with: "--restart", "a box that is removed cannot come back")
            }
        }
        if let check = try healthCheck() { members.append(Member("healthcheck", check)) }
        if let logDriver {
            guard ["json-file", "journald", "none"].contains(logDriver) else {
                throw refusal("--log-driver", logDriver, "is not known", remedy: "json-file, journald or none")
            }
            members.append(Member("log_driver", Node(.string(logDriver))))
        }
        if !logOptions.isEmpty { members.append(Member("log_opts", try logMap())) }
        if autoRemove { members.append(Member("auto_remove", Node(.bool(true)))) }
        return members
    }

    private static func word(_ text: String, _ flag: String) throws(BoxError) -> String {
        if text.isEmpty || text.contains(where: \.isWhitespace) { throw refusal(flag, text, "is no name") }
        return text
    }

    private static func policy(_ text: String) throws(BoxError) -> String {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isCounted = parts.count == 2
        switch parts[0] {
        case "no" where !isCounted, "always" where !isCounted, "unless-stopped" where !isCounted: return text
        case "on-failure" where !isCounted: return text
        case "on-failure" where Number.unsigned(parts[1]).map({ $0 <= 1 << 31 }) == true: return text
        default:
            throw refusal(
                "--restart", text, "is no restart policy", remedy: "no, on-failure[:N], always or unless-stopped")
        }
    }

    private func logMap() throws(BoxError) -> Node {
        var members: [Member] = []
        for text in logOptions {
            guard let (name, value) = cutPair(text), ["max-size", "max-file"].contains(name) else {
                throw refusal("--log-opt", text, "is not known", remedy: "max-size=SIZE or max-file=N")
            }
            let isValid = name == "max-size" ? Size.parse(value) != nil : Number.unsigned(value).map { $0 > 0 } == true
            if !isValid {
                throw refusal("--log-opt", text, name == "max-size" ? "is not a size" : "is not a number above 0")
            }
            members.removeAll { $0.key == name }
            members.append(Member(name, Node(.string(value))))
        }
        return Node(.object(members))
    }
}
