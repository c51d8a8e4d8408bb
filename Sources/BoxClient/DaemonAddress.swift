public import BoxOCI

/// Where the daemon listens: `--host`, else SWIFTBOX_HOST, else its usual place. A value type; safe on any thread.
public struct DaemonAddress: Equatable, Sendable {
    public static let usual = "/run/swiftbox/swiftbox.sock"
    public static let variable = "SWIFTBOX_HOST"

    /// Of the unix socket; absolute.
    public let path: String

    /// - Parameters:
    ///   - host: `unix:///path` or a path; nil or empty where the flag was not given
    ///   - variable: the value of SWIFTBOX_HOST
    ///   - workingDirectory: what a relative path starts from
    /// - Throws: `.unsupported` for any other scheme, naming the flag or the variable.
    public init(
        host: String?, variable: String?, workingDirectory: String = "/"
    ) throws(BoxError) {
        let given = [(host, "--host"), (variable, Self.variable)]
        guard let (text, source) = given.first(where: { !($0.0 ?? "").isEmpty }), var rest = text?[...] else {
            path = Self.usual
            return
        }
        if rest.hasPrefix("unix://") {
            rest = rest.dropFirst("unix://".count)
        } else if rest.contains("://") {
            throw BoxError(
                .unsupported, "\(source) \(rest): the daemon listens on unix sockets only", field: source,
                remedy: "unix:///PATH or the path of the socket")
        }
        if rest.isEmpty {
            throw BoxError(
                .invalidSpec, "\(source) names no socket", field: source, remedy: "unix://\(Self.usual)")
        }
        path = rest.hasPrefix("/") ? String(rest) : workingDirectory + "/" + rest
    }
}
