internal import BoxDocument
internal import BoxEngine

extension Route {
    static let containers: [Route] = [
        Route(.GET, "/containers/json") { call in
            let query = call.query
            let limit = try query.integer("limit").flatMap { $0 > 0 ? $0 : nil }
            let views = try await call.engine.list(
                all: query.flag("all") || limit != nil, filters: try query.filters(), limit: limit,
                size: query.flag("size"))
            return .json(.list(views.map { $0.summary }))
        },
        Route(.POST, "/containers/create") { call in
            let document = try await call.requiredDocument()
            if let platform = call.query["platform"], platform.split(separator: "/").first != "linux" {
                throw APIError.unsupported("platform \(JSON.quoted(platform)): boxes are of this host's Linux")
            }
            let body = try CreateBody.read(document)
            let (id, warnings) = try await call.engine.create(body.wanted, name: call.query["name"])
            return .json(.object(["Id": .text(id), "Warnings": .texts(body.warnings + warnings)]), .created)
        },
        Route(.GET, "/containers/{}/json") { call in
            let box = try await call.engine.inspect(call.name, size: call.query.flag("size"))
            return .json(box.document(logDriver: await call.engine.configuration.logDriver))
        },
        Route(.DELETE, "/containers/{}") { call in
            if call.query.flag("link") { throw APIError.unsupported("links between boxes are not available") }
            try await call.engine.remove(call.name, force: call.query.flag("force"))
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/update") { call in
            let changes = try CreateBody.changes(try await call.requiredDocument())
            return .json(.object(["Warnings": .texts(try await call.engine.update(call.name, changes))]))
        },
        Route(.POST, "/containers/{}/rename") { call in
            guard let name = call.query["name"] else { throw APIError.invalid("name is missing") }
            try await call.engine.rename(call.name, to: name)
            return .nothing(.noContent)
        },
        Route(.GET, "/containers/{}/top") { call in
            let table = try await call.engine.top(call.name, psArguments: call.query["ps_args"] ?? "-ef")
            return .json(
                .object(["Titles": .texts(table.titles), "Processes": .list(table.processes.map { .texts($0) })]))
        },
        Route(.GET, "/containers/{}/changes", .archive) { call in
            try await call.send(try await call.engine.changes(call.name), type: "application/json")
        },
        Route(.POST, "/containers/prune") { call in
            let (ids, bytes) = try await call.engine.prune(filters: try call.query.filters())
            return .json(.object(["ContainersDeleted": .texts(ids), "SpaceReclaimed": .number(bytes)]))
        },
    ]

    static let lives: [Route] = [
        Route(.POST, "/containers/{}/start") { call in
            try await call.engine.start(call.name)
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/stop", .long) { call in
            try await call.engine.stop(call.name, timeout: try call.query.integer("t"), signal: call.query["signal"])
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/restart", .long) { call in
            try await call.engine.restart(
                call.name, timeout: try call.query.integer("t"), signal: call.query["signal"])
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/kill") { call in
            try await call.engine.kill(call.name, signal: call.query["signal"] ?? "KILL")
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/pause") { call in
            try await call.engine.pause(call.name)
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/unpause") { call in
            try await call.engine.unpause(call.name)
            return .nothing(.noContent)
        },
        Route(.POST, "/containers/{}/resize") { call in
            try await call.engine.resize(call.name, rows: try call.size("h"), columns: try call.size("w"))
            return .nothing(.ok)
        },
        Route(.POST, "/containers/{}/wait", .stream) { call in try await wait(call) },
    ]

    /// The head of the answer goes out as soon as no end can be missed: docker's client starts the box only then.
    private static func wait(_ call: Call) async throws -> Answer {
        let text = call.query["condition"] ?? WaitCondition.notRunning.rawValue
        guard let condition = WaitCondition(rawValue: text) else {
            throw APIError.invalid("condition \(JSON.quoted(text)) is none of not-running, next-exit and removed")
        }
        let exchange = call.exchange
        let id = try await call.engine.inspect(call.name).id
        let (registered, mark) = AsyncStream<Never>.makeStream()
        @Sendable func end() async throws -> Int32 {
            defer { mark.finish() }
            return try await call.engine.wait(id, for: condition) { mark.finish() }
        }
        async let status = end()
        for await _ in registered {}
        try await exchange.begin(.ok, type: "application/json")
        do {
            try await exchange.send(.object(["StatusCode": .number(try await status)]))
        } catch let error as EngineError {
            try await exchange.send(
                .object(["StatusCode": .number(125), "Error": .object(["Message": .text(error.message)])]))
        }
        try await exchange.end()
        return .written
    }
}

extension Call {
    /// `h` or `w` of a resize.
    func size(_ key: String) throws(APIError) -> UInt16 {
        guard let number = try query.integer(key), let size = UInt16(exactly: number) else {
            throw .invalid("\(key) must be between 0 and 65535")
        }
        return size
    }

    func requiredDocument() async throws -> Node {
        guard let document = try await document() else { throw APIError.invalid("the body is empty") }
        return document
    }
}
