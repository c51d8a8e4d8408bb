internal import BoxDocument
internal import BoxEngine

extension BoxView {
    /// An element of `GET /containers/json`.
    var summary: Node {
        var members: [Member] = [
            Member("Id", .text(id)), Member("Names", .texts(["/" + name])), Member("Image", .text(wanted.image ?? "")),
            Member("ImageID", .text(imageID)),
            Member("Command", .text(([path] + arguments).joined(separator: " "))),
            Member("Created", .number(createdSeconds)), Member("Ports", .list([])),
        ]
        if let sizeRW {
            members += [Member("SizeRw", .number(sizeRW)), Member("SizeRootFs", .number(sizeRoot ?? sizeRW))]
        }
        members += [
            Member("Labels", .map(wanted.labels)), Member("State", .text(state.rawValue)),
            Member("Status", .text(status)),
            Member("HostConfig", .object(["NetworkMode": .text(networkMode)])),
            Member("NetworkSettings", .object(["Networks": networks])), Member("Mounts", .list(mountPoints)),
        ]
        return Node(.object(members))
    }

    var networkMode: String { wanted.options.network ?? "none" }

    /// `Up 5 minutes (healthy)`, `Exited (1) 2 hours ago`.
    private var status: String {
        switch state {
        case .created: "Created"
        case .removing: "Removal In Progress"
        case .dead: "Dead"
        case .restarting: "Restarting (\(exitCode)) \(Self.ago(finished)) ago"
        case .exited: "Exited (\(exitCode)) \(Self.ago(finished)) ago"
        case .paused: "Up \(Self.ago(started)) (Paused)"
        case .running: "Up \(Self.ago(started))\(healthInBrackets)"
        }
    }

    private var healthInBrackets: String {
        switch health?.status {
        case nil, .some(.none): ""
        case .some(.starting): " (health: starting)"
        case .some(let status): " (\(status.rawValue))"
        }
    }

    private static func ago(_ moment: String?) -> String {
        guard let moment, let then = Clock.seconds(moment) else { return "some time" }
        return Clock.human(max(0, Clock.now / 1_000_000_000 - then))
    }
}
