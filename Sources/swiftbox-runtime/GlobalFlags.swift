internal import BoxOCI
internal import BoxSystem

/// What stands before the verb.
struct GlobalFlags {
    var root = "/run/swiftbox/runtime"
    var rootIsNamed = false
    var log = RuntimeLog.Target.standardError
    var logJSON = false
    var logLevel = RuntimeLog.Level.warning
    /// nil when nothing was said.
    var cgroupManager: CgroupManager?
    var help = false
    var version = false

    init() {}

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--root":
                root = try absolute(arguments.value(of: flag))
                rootIsNamed = true
            case "--log": log = try RuntimeLog.Target(arguments.value(of: flag))
            case "--log-level": logLevel = try Self.level(arguments.value(of: flag))
            case "--debug": logLevel = .debug
            case "--rootless": try Self.checkRootless(arguments.value(of: flag))
            case "--log-format": logJSON = try Self.isJSON(arguments.value(of: flag))
            case "--cgroup-manager": cgroupManager = try Self.manager(arguments.value(of: flag))
            case "--systemd-cgroup": cgroupManager = .systemd
            case "--help", "-h": help = true
            case "--version", "-v": version = true
            default: throw Arguments.unknown(flag, "swiftbox-runtime")
            }
        }
        if !rootIsNamed { root = try Self.usualRoot(root) }
    }

    /// In an ordinary user's user namespace, where engines without root call, `/run` is not to be written.
    private static func usualRoot(_ ofRoot: String) throws(BoxError) -> String {
        try explaining({ BoxError(.kernel, "cannot tell where the state of boxes is", field: "--root", errno: $0) }) {
            () throws(Errno) in
            guard let own = Caller.variable("XDG_RUNTIME_DIR"), own.hasPrefix("/") else { return ofRoot }
            return try OwnIDs.areInitial() ? ofRoot : own + "/swiftbox/runtime"
        }
    }

    private static func level(_ name: String) throws(BoxError) -> RuntimeLog.Level {
        let aliases = ["warn": "warning", "trace": "debug", "fatal": "error", "panic": "error"]
        if let level = RuntimeLog.Level(rawValue: aliases[name] ?? name) { return level }
        throw BoxError(
            .invalidSpec, "\(name) is no log level", field: "--log-level", remedy: "debug, info, warning or error")
    }

    /// Whether this is a user's own runtime is seen from its user namespace; what is said about it must only be sound.
    private static func checkRootless(_ answer: String) throws(BoxError) {
        if !["true", "false", "auto"].contains(answer) {
            throw BoxError(.invalidSpec, "\(answer) is no answer", field: "--rootless", remedy: "true, false or auto")
        }
    }

    private static func manager(_ name: String) throws(BoxError) -> CgroupManager {
        if let manager = CgroupManager(rawValue: name) { return manager }
        throw BoxError(
            .invalidSpec, "\(name) is no cgroup manager", field: "--cgroup-manager",
            remedy: CgroupManager.allCases.map(\.rawValue).joined(separator: ", "))
    }

    private static func isJSON(_ format: String) throws(BoxError) -> Bool {
        switch format {
        case "json": return true
        case "text": return false
        default:
            throw BoxError(
                .invalidSpec, "\(format) is no log format", field: "--log-format", remedy: "text or json")
        }
    }
}

/// A path as seen from the caller's working directory.
func absolute(_ path: String) throws(BoxError) -> String {
    if path.hasPrefix("/") { return path }
    let path = path == "." ? "" : path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return try explaining({ BoxError(.kernel, "cannot find the working directory", errno: $0) }) {
        () throws(Errno) in try OwnProcess.workingDirectory() + (path.isEmpty ? "" : "/" + path)
    }
}
