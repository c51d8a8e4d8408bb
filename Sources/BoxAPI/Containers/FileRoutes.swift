internal import BoxDocument
internal import BoxEngine
internal import NIOCore

extension Route {
    static let files: [Route] = [
        Route(.HEAD, "/containers/{}/archive") { call in
            let stat = try await call.engine.archiveStat(call.name, path: try call.path())
            return .headers([("X-Docker-Container-Path-Stat", Base64.text(JSON.write(stat)))])
        },
        Route(.GET, "/containers/{}/archive", .archive) { call in
            let (stat, tar) = try await call.engine.archiveGet(call.name, path: try call.path())
            return try await call.send(
                tar, type: "application/x-tar",
                headers: [("X-Docker-Container-Path-Stat", Base64.text(JSON.write(stat)))])
        },
        Route(.PUT, "/containers/{}/archive", .archive) { call in
            try await call.engine.archivePut(
                call.name, path: try call.path(), tar: call.bodyStream,
                noOverwriteDirNonDir: call.query.flag("noOverwriteDirNonDir"),
                copyUIDGID: call.query.flag("copyUIDGID"))
            return .nothing(.ok)
        },
        Route(.GET, "/containers/{}/export", .archive) { call in
            try await call.send(try await call.engine.export(call.name), type: "application/octet-stream")
        },
    ]
}

extension Call {
    fileprivate func path() throws(APIError) -> String {
        guard let path = query["path"] else { throw .invalid("path is missing") }
        return path
    }

    /// The body as it comes, no faster than it is taken.
    var bodyStream: EngineStream<ByteBuffer> {
        let body = exchange.body
        return EngineStream { try await body.next() }
    }

    func send(
        _ stream: EngineStream<ByteBuffer>, type: String, headers: [(String, String)] = []
    ) async throws -> Answer {
        // What fails before the first bytes can still be told by a status.
        var iterator = stream.makeAsyncIterator()
        var chunk = try await iterator.next()
        try await exchange.begin(.ok, type: type, headers: headers)
        while let bytes = chunk {
            try await exchange.send(bytes)
            chunk = try await iterator.next()
        }
        try await exchange.end()
        return .written
    }
}

/// RFC 4648, with padding.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let three = Array(rest.prefix(3))
            rest = rest.dropFirst(3)
            let padded = three + [UInt8](repeating: 0, count: 3 - three.count)
            let word = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
            let four = [18, 12, 6, 0].map { digits[word >> $0 & 63] }
            result += four.prefix(three.count + 1)
            result += [UInt8](repeating: UInt8(ascii: "="), count: 3 - three.count)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
