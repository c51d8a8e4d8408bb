internal import BoxDocument
internal import NIOHTTP1

extension Route {
    static let all: [Route] =
        system + containers + lives + files + streams + executions + images + networks + volumes + ours

    /// A HEAD is a GET whose answer has no body.
    ///
    /// - Throws: 405 for another method, 501 for what Docker's API has and this has not, 404 for what nobody has
    static func find(_ request: Request) throws(APIError) -> (Route, String) {
        var methods: Set<String> = []
        var likeGet: (Route, String)?
        for route in all {
            guard let name = route.match(request.path) else { continue }
            if route.method == request.method { return (route, name) }
            methods.insert(route.method.rawValue)
            if route.method == .GET && route.pace == .short { likeGet = likeGet ?? (route, name) }
        }
        if request.method == .HEAD, let likeGet { return likeGet }
        let path = "/" + request.path.joined(separator: "/")
        if let topic = unavailable(request) {
            throw .unsupported("\(request.method) \(path): \(topic) not available in this version of swiftbox")
        }
        if methods.isEmpty { throw APIError(.notFound, "page not found: \(path)") }
        throw APIError(
            .methodNotAllowed, "\(request.method) \(path): there is only \(methods.sorted().joined(separator: ", "))")
    }

    /// What Docker's API has and this has not, by the beginning of its path.
    private static let topics: [(path: String, topic: String)] = [
        ("swarm", "swarms are"), ("nodes", "swarms are"), ("services", "swarms are"), ("tasks", "swarms are"),
        ("secrets", "swarms and their secrets are"), ("configs", "swarms and their configs are"),
        ("build", "building images is"), ("session", "building images is"), ("grpc", "building images is"),
        ("commit", "making an image of a box is"), ("distribution", "registries are"), ("plugins", "plugins are"),
        ("volumes", "volumes are"), ("networks", "networks beside none and host are"), ("images", "this is"),
        ("containers/{}/checkpoints", "checkpoints by this interface are"),
        ("containers/{}/copy", "this old form of archive is"),
    ]

    private static func unavailable(_ request: Request) -> String? {
        let path = request.path
        return topics.first { entry in
            let parts = entry.path.split(separator: "/")
            return path.count >= parts.count && zip(parts, path).allSatisfy { $0 == "{}" || $0 == $1 }
        }?.topic
    }
}
