internal import BoxDocument
internal import BoxEngine

/// The networks that there are: none, and the host's.
enum FixedNetwork {
    static let names = ["host", "none"]

    /// Always the same, so that clients may keep it.
    static func id(_ name: String) -> String {
        let digits = name.utf8.map { byte in String(byte, radix: 16) }.joined()
        return digits + String(repeating: "0", count: max(0, 64 - digits.count))
    }

    static func document(_ name: String) -> Node {
        .object([
            "Name": .text(name), "Id": .text(id(name)), "Created": .text(Clock.never), "Scope": .text("local"),
            "Driver": .text(name == "none" ? "null" : name), "EnableIPv6": .flag(false),
            "IPAM": .object(["Driver": .text("default"), "Options": .empty, "Config": .list([])]),
            "Internal": .flag(false), "Attachable": .flag(false), "Ingress": .flag(false),
            "ConfigFrom": .object(["Network": .text("")]), "ConfigOnly": .flag(false), "Containers": .empty,
            "Options": .empty, "Labels": .empty,
        ])
    }
}

extension Route {
    static let networks: [Route] = [
        Route(.GET, "/networks") { call in
            let names = try FixedNetwork.names.filter { name in
                try call.query.filters().allSatisfy { filter in
                    switch filter.key {
                    case "name": filter.value.contains { name.contains($0) }
                    case "id": filter.value.contains { FixedNetwork.id(name).hasPrefix($0) }
                    case "driver": filter.value.contains(name == "none" ? "null" : name)
                    case "type": filter.value.contains("builtin")
                    case "scope": filter.value.contains("local")
                    case "dangling": !filter.value.contains { ["true", "1"].contains($0) }
                    case "label": false
                    default: throw APIError.invalid("networks have no filter \(JSON.quoted(filter.key))")
                    }
                }
            }
            return .json(.list(names.map { FixedNetwork.document($0) }))
        },
        Route(.POST, "/networks/create") { _ in throw APIError.unsupported(noNetworks) },
        Route(.POST, "/networks/prune") { _ in .json(.object(["NetworksDeleted": .list([])])) },
        Route(.GET, "/networks/{}") { call in .json(FixedNetwork.document(try network(call.name))) },
        Route(.DELETE, "/networks/{}") { call in
            throw APIError(.forbidden, "the network \(try network(call.name)) is always there")
        },
        Route(.POST, "/networks/{}/connect") { _ in throw APIError.unsupported(noNetworks) },
        Route(.POST, "/networks/{}/disconnect") { _ in throw APIError.unsupported(noNetworks) },
    ]

    private static let noNetworks = "networks other than none and host are not available in this version of swiftbox"

    private static func network(_ ref: String) throws(APIError) -> String {
        guard let name = FixedNetwork.names.first(where: { $0 == ref || FixedNetwork.id($0).hasPrefix(ref) }) else {
            throw APIError(.notFound, "network \(ref) not found")
        }
        return name
    }

    static let volumes: [Route] = [
        Route(.GET, "/volumes") { _ in .json(.object(["Volumes": .list([]), "Warnings": .list([])])) },
        Route(.POST, "/volumes/prune") { _ in
            .json(.object(["VolumesDeleted": .list([]), "SpaceReclaimed": .number(0)]))
        },
        Route(.GET, "/volumes/{}") { call in
            throw APIError(.notFound, "get \(call.name): no such volume")
        },
        Route(.DELETE, "/volumes/{}") { call in
            throw APIError(.notFound, "get \(call.name): no such volume")
        },
        Route(.POST, "/volumes/create") { _ in
            throw APIError.unsupported(
                "volumes are not available in this version of swiftbox; mount a directory instead")
        },
        Route(.GET, "/plugins") { _ in .json(.list([])) },
        Route(.GET, "/plugins/{}/json") { call in throw APIError(.notFound, "plugin \(call.name) not found") },
    ]
}
