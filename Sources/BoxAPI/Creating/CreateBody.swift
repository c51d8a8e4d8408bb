internal import BoxDocument
internal import BoxEngine

/// What the body of `POST /containers/create` asks for. Every field that somebody set is taken or refused by name.
struct CreateBody {
    typealias Take = @Sendable (inout CreateBody, Asked) throws(APIError) -> Void

    var wanted = WantedBox()
    var warnings: [String] = []
    /// Where `Config.Volumes` wants something mounted.
    var volumes: [String] = []
    /// Where something is mounted.
    var mountPoints: Set<String> = []

    static func read(_ document: Node) throws(APIError) -> CreateBody {
        var body = CreateBody()
        for field in try Asked("", document).members() where field.name != "HostConfig" {
            if field.name == "NetworkingConfig" {
                try body.takeNetworking(field)
            } else {
                try body.take(field, from: config)
            }
        }
        if let host = document["HostConfig"], !host.isNothing {
            for field in try Asked("HostConfig", host).members() { try body.take(field, from: hostConfig) }
        }
        try body.finish()
        body.wanted.docker = document
        return body
    }

    private mutating func take(_ field: Asked, from table: [String: Take]) throws(APIError) {
        if CreateBody.emptyMeans.contains(field.name) {
            if case .null = field.node.value { return }
        } else if field.node.isNothing {
            return
        }
        guard let take = table[field.name] else { throw field.unsupported("is no field that swiftbox knows") }
        try take(&self, field)
    }

    /// Fields whose empty value asks for something.
    private static let emptyMeans: Set<String> = ["MaskedPaths", "ReadonlyPaths", "MemorySwappiness", "Entrypoint"]

    private static let hostConfig: [String: Take] =
        hostBox.merging(hostFiles) { $1 }.merging(hostSecurity) { $1 }.merging(resources) { $1 }

    private mutating func finish() throws(APIError) {
        for path in volumes where !mountPoints.contains(path) {
            throw .unsupported("Volumes: \(path): anonymous volumes are not available in this version of swiftbox")
        }
        if wanted.options.network == nil {
            wanted.options.network = "none"
            warnings.append(CreateBody.noNetwork)
        }
        if wanted.restart != .no && wanted.autoRemove {
            throw .invalid("HostConfig.AutoRemove and HostConfig.RestartPolicy exclude each other")
        }
    }

    static let noNetwork =
        "HostConfig.NetworkMode: bridged networks are not available in this version of swiftbox; the box has no network (none)"

    // MARK: Networks

    private mutating func takeNetworking(_ field: Asked) throws(APIError) {
        guard let endpoints = field.member("EndpointsConfig"), !endpoints.node.isNothing else { return }
        for endpoint in try endpoints.members() {
            guard ["none", "host", "default", "bridge"].contains(endpoint.name) else {
                throw endpoint.unsupported("there are only the networks none and host in this version of swiftbox")
            }
            if endpoint.node.isNothing { continue }
            for setting in try endpoint.members() where !setting.node.isNothing {
                if setting.name == "NetworkID" || setting.name == "EndpointID" { continue }
                throw setting.unsupported("the networks none and host have no settings")
            }
        }
    }

    mutating func takeNetworkMode(_ field: Asked) throws(APIError) {
        switch try field.string() {
        case "none", "host":
            if wanted.options.network == nil { wanted.options.network = try field.string() }
        case "default", "bridge": break
        case let mode where mode.hasPrefix("container:"):
            throw field.unsupported("joining another box's network is not available in this version of swiftbox")
        case let mode: throw field.unsupported("\(JSON.quoted(mode)): there are only the networks none and host")
        }
    }

    // MARK: In short

    static func refuse(_ why: String) -> Take { { (_, field) throws(APIError) in throw field.unsupported(why) } }

    static func refuse(_ names: [String], _ why: String) -> [String: Take] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, refuse(why)) })
    }

    /// Only the values that change nothing.
    static func only(_ values: [String], _ why: String) -> Take {
        { (_, field) throws(APIError) in
            if !values.contains(try field.string()) { throw field.unsupported(why) }
        }
    }
}
