public import BoxOCI
internal import BoxStore
internal import BoxSystem

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
    /// That a shell would give for a command that could not be run.
    public var exitStatus: Int32?

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

extension EngineError {
    /// Whatever a lower floor threw, said with what was being done.
    init(_ error: any Error, _ what: String) {
        switch error {
        case let error as EngineError: self = error
        case let error as BoxError: self.init(error)
        case let error as Errno:
            let isFull = error == .noSpace || error == .diskQuotaExceeded
            self.init(.internal, "cannot \(what): \(error)" + (isFull ? " (nothing was changed)" : ""))
        case let error as StoreError:
            self.init(error.kind == .duplicate ? .conflict : .internal, "cannot \(what): \(error)")
        default: self.init(.internal, "cannot \(what): \(error)")
        }
    }

    static func explaining<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw EngineError(error, what)
        }
    }
}
