public import BoxOCI

/// Why the engine did not do what was asked. The API makes HTTP statuses of the kinds: 404, 409, 400, 403, 501, 500,
/// 304.
public struct EngineError: Error, Equatable, Sendable {
    public enum Kind: String, Sendable {
        case notFound, conflict, invalid, denied, unsupported, `internal`, notModified
    }

    public var kind: Kind
    /// Lower case, no full stop; may have further lines with what was found and what to try.
    public var message: String
    /// What the runtime said, where the failure is one of it.
    public var cause: BoxError?

    public init(_ kind: Kind, _ message: String, cause: BoxError? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }

    /// The runtime's error in the engine's terms.
    public init(_ cause: BoxError) {
        let kind: Kind =
            switch cause.kind {
            case .notFound: cause.field == nil ? .notFound : .invalid
            case .alreadyExists, .invalidState: .conflict
            case .invalidSpec: .invalid
            case .unsupported: .unsupported
            case .denied: .denied
            case .kernel, .internal: .internal
            }
        self.init(kind, cause.description, cause: cause)
    }
}

extension EngineError: CustomStringConvertible {
    public var description: String { message }
}
