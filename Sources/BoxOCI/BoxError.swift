public import BoxDocument
public import BoxSystem

/// Why swiftbox could not do what was asked: the one error of every floor above `BoxSystem`.
///
/// Printed in lower case without a full stop; `found` and `remedy` get a line of their own.
/// A value type without shared state; safe on any thread.
public struct BoxError: Error, Equatable, Sendable {
    /// What sort of failure it is; exit statuses and callers go by it.
    public enum Kind: String, Sendable {
        case notFound, alreadyExists, invalidState, invalidSpec, unsupported, denied, kernel, `internal`
    }

    public var kind: Kind
    /// What went wrong, naming the step: "cannot mount proc at /proc".
    public var message: String
    /// The config.json path or the flag at fault: `linux.resources.pids.limit`, `--memory`.
    public var field: String?
    /// Where the field stands in the text it came from, where there is a text.
    public var position: Position?
    /// The file with that text.
    public var file: String?
    /// The kernel's answer, where there is one.
    public var errno: Errno?
    /// What was found on this host that explains the failure.
    public var found: String?
    /// What the user can do about it.
    public var remedy: String?

    public init(
        _ kind: Kind, _ message: String, field: String? = nil, errno: Errno? = nil, position: Position? = nil,
        found: String? = nil, remedy: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.field = field
        self.errno = errno
        self.position = position
        self.found = found
        self.remedy = remedy
    }
}

extension BoxError: CustomStringConvertible {
    /// One line, then an indented line each for `found` and `remedy`.
    public var description: String {
        var text = summary
        if let found { text += "\n  found: \(found)" }
        if let remedy { text += "\n  try:   \(remedy)" }
        return text
    }

    /// For a warning, which has one line: what was found goes into brackets, the remedy is left out.
    public var oneLine: String { found.map { "\(summary) (\($0))" } ?? summary }

    private var summary: String {
        var text = ""
        if let position {
            text +=
                file.map { "\($0):\(position.line):\(position.column): " }
                ?? "line \(position.line), column \(position.column): "
        }
        if let field, !message.contains(field) { text += "\(field): " }
        text += message
        if let errno { text += ": \(errno)" }
        return text
    }
}

/// Runs kernel calls and turns their errno into the error that `explain` makes of it.
@discardableResult
public func explaining<Value: ~Copyable>(
    _ explain: (Errno) -> BoxError, _ body: () throws(Errno) -> Value
) throws(BoxError) -> Value {
    do {
        return try body()
    } catch {
        throw explain(error)
    }
}
