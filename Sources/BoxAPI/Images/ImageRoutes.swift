internal import BoxDocument
internal import BoxEngine
internal import NIOCore

extension Route {
    static let images: [Route] = [
        Route(.GET, "/images/json") { call in
            let images = try await call.engine.listImages(filters: try call.query.filters())
            return .json(.list(images.map { $0.summary(boxes: -1) }))
        },
        Route(.POST, "/images/create", .archive) { call in try await createImage(call) },
        Route(.POST, "/images/load", .archive) { call in
            let (references, warnings) = try await call.engine.loadImage(call.bodyStream)
            try await call.exchange.begin(.ok, type: "application/json")
            for warning in warnings {
                try await call.exchange.send(.object(["stream": .text("warning: \(warning)\n")]))
            }
            for reference in references {
                let word = reference.hasPrefix("sha256:") ? "Loaded image ID" : "Loaded image"
                try await call.exchange.send(.object(["stream": .text("\(word): \(reference)\n")]))
            }
            try await call.exchange.end()
            return .written
        },
        Route(.POST, "/images/prune") { call in
            let (removed, bytes) = try await call.engine.pruneImages(filters: try call.query.filters())
            return .json(
                .object(["ImagesDeleted": .list(removed.map(\.document)), "SpaceReclaimed": .number(bytes)]))
        },
        Route(.GET, "/images/search") { _ in throw APIError.unsupported(noRegistry) },
        Route(.GET, "/images/get") { _ in
            throw APIError.unsupported("saving images is not available in this version of swiftbox")
        },
        Route(.GET, "/images/{*}/get") { _ in
            throw APIError.unsupported(
                "saving images is not available in this version of swiftbox; export a box made of it instead")
        },
        // docker system prune asks for it.
        Route(.POST, "/build/prune") { _ in
            .json(.object(["CachesDeleted": .list([]), "SpaceReclaimed": .number(0)]))
        },
        Route(.GET, "/images/{*}/json") { call in .json(try await call.engine.inspectImage(call.name).document) },
        Route(.GET, "/images/{*}/history") { call in
            let image = try await call.engine.inspectImage(call.name)
            return .json(
                .list([
                    .object([
                        "Id": .text(image.id), "Created": .number(image.createdSeconds), "CreatedBy": .text(""),
                        "Tags": .texts(image.references), "Size": .number(image.size),
                        "Comment": .text(image.comment),
                    ])
                ]))
        },
        Route(.POST, "/images/{*}/tag") { call in
            guard let repository = call.query["repo"] else { throw APIError.invalid("repo is missing") }
            try await call.engine.tagImage(call.name, as: "\(repository):\(call.query["tag"] ?? "latest")")
            return .nothing(.created)
        },
        Route(.POST, "/images/{*}/push") { _ in throw APIError.unsupported(noRegistry) },
        Route(.DELETE, "/images/{*}") { call in
            let removed = try await call.engine.removeImage(call.name, force: call.query.flag("force"))
            return .json(.list(removed.map(\.document)))
        },
    ]

    static let noRegistry =
        "registries are not available in this version of swiftbox; import a root file system from a tar instead"

    private static func createImage(_ call: Call) async throws -> Answer {
        let query = call.query
        if let from = query["fromImage"] {
            let name = query["tag"].map { $0.contains(":") ? "\(from)@\($0)" : "\(from):\($0)" } ?? from
            throw APIError(.notFound, "there is no image \(JSON.quoted(name)) here, and \(noRegistry)")
        }
        guard query["fromSrc"] == "-" else {
            throw APIError.unsupported("fromSrc must be -: nothing is fetched in this version of swiftbox")
        }
        let reference = query["repo"].map { repository in
            let hasTag = repository.split(separator: "/").last?.contains(":") ?? false
            return hasTag ? repository : "\(repository):\(query["tag"] ?? "latest")"
        }
        // Docker's clients take the last line for the id, and print every other one as well: what was left out is in the log.
        let (id, _) = try await call.engine.importImage(
            call.bodyStream, reference: reference, changes: query.all("changes"), message: query["message"])
        return .json(.object(["status": .text(id)]))
    }
}

extension ImageRemoval {
    var document: Node {
        switch self {
        case .untagged(let reference): .object(["Untagged": .text(reference)])
        case .deleted(let id): .object(["Deleted": .text(id)])
        }
    }
}

extension ImageView {
    /// An element of `GET /images/json`.
    /// - Parameter boxes: how many are made of it; -1 where nobody counted
    func summary(boxes: Int) -> Node {
        .object([
            "Id": .text(id), "ParentId": .text(""), "RepoTags": .texts(references), "RepoDigests": .list([]),
            "Created": .number(createdSeconds), "Size": .number(size), "SharedSize": .number(-1),
            "VirtualSize": .number(size), "Labels": .map(config.labels), "Containers": .number(boxes),
        ])
    }

    fileprivate var document: Node {
        .object([
            "Id": .text(id), "RepoTags": .texts(references), "RepoDigests": .list([]), "Parent": .text(""),
            "Comment": .text(comment), "Created": .text(created), "Container": .text(""),
            "DockerVersion": .text(""), "Author": .text(""), "Config": config.document,
            "Architecture": .text(HostName.architecture), "Os": .text("linux"), "Size": .number(size),
            "VirtualSize": .number(size), "GraphDriver": .object(["Name": .text("overlay"), "Data": .empty]),
            "RootFS": .object(["Type": .text("layers"), "Layers": .texts(layers)]),
            "Metadata": .object(["LastTagTime": .text(Clock.never)]),
        ])
    }
}

extension ImageConfig {
    fileprivate var document: Node {
        .object([
            "Hostname": .text(""), "Domainname": .text(""), "User": .text(user), "AttachStdin": .flag(false),
            "AttachStdout": .flag(false), "AttachStderr": .flag(false), "Tty": .flag(false),
            "ExposedPorts": Node(.object(exposedPorts.map { Member($0, .empty) })), "OpenStdin": .flag(false),
            "StdinOnce": .flag(false), "Env": .texts(env), "Cmd": command.isEmpty ? .null : .texts(command),
            "Image": .text(""), "Volumes": .empty, "WorkingDir": .text(workingDirectory),
            "Entrypoint": entrypoint.isEmpty ? .null : .texts(entrypoint), "OnBuild": .null,
            "Labels": .map(labels), "StopSignal": stopSignal.map { .text($0) } ?? .null,
        ])
    }
}
