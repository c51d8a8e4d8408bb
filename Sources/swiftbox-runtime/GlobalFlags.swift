internal import BoxOCI
internal import BoxSystem

/// What stands before the verb.
struct GlobalFlags {
    var root = "/run/swiftbox/runtime"
    var rootIsNamed = false
    var log: String?
    var logJSON = false
    var help = false
    var version = false

    init() {}

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--root":
                root = try absolute(arguments.value(of: flag))
                rootIsNamed = true
            case "--log": log = try arguments.value(of: flag)
            case "--log-format": logJSON = try Self.isJSON(arguments.value(of: flag))
            case "--help", "-h": help = true
            case "--version", "-v": version = true
            default: throw Arguments.unknown(flag, "swiftbox-runtime")
            }
        }
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
