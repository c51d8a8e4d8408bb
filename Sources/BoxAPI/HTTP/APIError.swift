internal import BoxDocument
internal import BoxEngine
internal import BoxOCI
internal import NIOHTTP1

/// A refusal with its HTTP status.
struct APIError: Error {
    var status: HTTPResponseStatus
    var message: String
    /// That a shell would give for a command that could not be run.
    var exitStatus: Int32?

    init(_ status: HTTPResponseStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// For whatever a handler threw.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as EngineError:
            self.init(Self.status(of: error.kind), error.message)
            exitStatus = error.exitStatus
        case let error as BoxError: self.init(EngineError(error))
        case let error as DocumentError: self.init(.badRequest, "the body is no JSON: \(error)")
        default: self.init(.internalServerError, "\(error)")
        }
    }

    private static func status(of kind: EngineError.Kind) -> HTTPResponseStatus {
        switch kind {
        case .notFound: .notFound
        case .conflict: .conflict
        case .invalid: .badRequest
        case .denied: .forbidden
        case .unsupported: .notImplemented
        case .internal: .internalServerError
        case .notModified: .notModified
        }
    }

    static func unsupported(_ message: String) -> APIError { APIError(.notImplemented, message) }
    static func invalid(_ message: String) -> APIError { APIError(.badRequest, message) }
}
