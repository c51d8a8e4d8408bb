internal import BoxDocument
public import BoxOCI
internal import BoxYAML

/// A spec file made of what other tools run; what has no counterpart stands above it, as comments.
public struct Conversion: Sendable {
    private var members: [Member] = []
    /// One line each: what is left out, and why.
    public private(set) var leftOut: [String] = []

    /// YAML, the left-out first.
    public var text: String {
        leftOut.map { "# left out: \($0)\n" }.joined() + YAML.write(Node(.object(members)))
    }

    /// `docker run …` or `podman run …`: the words behind `run`.
    public init(dockerRun words: [String]) throws(BoxError) {
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-"), word != "-" {
            rest.removeFirst()
            if word == "--" { break }
            try take(word, &rest)
        }
        guard let image = rest.popFirst() else {
            throw BoxError(
                .invalidSpec, "no IMAGE in the command line", field: "COMMAND",
                remedy: "swiftbox spec convert -- docker run [FLAGS] IMAGE [COMMAND]")
        }
        leftOut.append("image \(image): unpack it into a directory, and name that with rootfs")
        if !rest.isEmpty { members.append(Member("command", Node(.array(rest.map { Node(.string($0)) })))) }
    }

    /// One flag, long, short, or several short ones in a word.
    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(BoxError) {
        if word.hasPrefix("--") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return try take(flag: parts[0], value: parts.count == 2 ? parts[1] : nil, &rest)
        }
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let flag = "-\(letter)"
            if DockerFlags.takesNothing(flag) {
                try take(flag: flag, value: nil, &rest)
            } else {
                let joined = letters.first == "=" ? letters.dropFirst() : letters
                return try take(flag: flag, value: letters.isEmpty ? nil : String(joined), &rest)
            }
        }
    }

    private mutating func take(
        flag typed: String, value: String?, _ rest: inout ArraySlice<String>
    ) throws(BoxError) {
        let flag = DockerFlags.long(typed)
        if DockerFlags.takesNothing(typed) {
            let isOn = value.map { $0 == "true" || $0 == "1" } ?? true
            guard let key = Key.usable.first(where: { $0.flag == flag }) else {
                if flag != "--rm" { leftOut.append("\(typed): \(reason(typed, flag))") }
                return
            }
            if isOn { members.append(Member(key.name, Node(.bool(true)))) }
            return
        }
        guard let value = value ?? rest.popFirst() else {
            throw BoxError(.invalidSpec, "\(typed) needs a value", field: typed)
        }
        put(flag, typed, value)
    }

    private mutating func put(_ flag: String, _ typed: String, _ value: String) {
        if let io = DockerFlags.blockIO[flag] { return putBlockIO(io, value) }
        guard let key = Key.usable.first(where: { $0.flag == flag && $0.name != "container_name" && !$0.isDaemons })
        else {
            return leftOut.append("\(typed) \(value): \(reason(typed, flag))")
        }
        if flag == "--network" && value != "none" && value != "host" {
            return leftOut.append("\(typed) \(value): \(reason("-p", "--publish"))")
        }
        switch RunFlag.all.first(where: { $0.name == flag })?.place {
        case .list: append(value, to: key.name)
        default: members.append(Member(key.name, Node(.string(value))))
        }
    }

    private mutating func append(_ value: String, to name: String) {
        let element = Node(.string(value))
        guard let index = members.firstIndex(where: { $0.key == name }),
            case .array(let old) = members[index].node.value
        else { return members.append(Member(name, Node(.array([element])))) }
        members[index].node = Node(.array(old + [element]))
    }

    private mutating func putBlockIO(_ name: String, _ value: String) {
        let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
        let element = Node(
            .object([
                Member("path", Node(.string(parts.first ?? ""))), Member("rate", Node(.string(parts.last ?? ""))),
            ]))
        let before = members.first { $0.key == "blkio_config" }?.node
        var inner: [Member] = []
        if case .object(let old)? = before?.value { inner = old }
        if let index = inner.firstIndex(where: { $0.key == name }), case .array(let old) = inner[index].node.value {
            inner[index].node = Node(.array(old + [element]))
        } else {
            inner.append(Member(name, Node(.array([element]))))
        }
        members.removeAll { $0.key == "blkio_config" }
        members.append(Member("blkio_config", Node(.object(inner))))
    }

    private func reason(_ typed: String, _ flag: String) -> String {
        UnavailableFlags.reason(for: typed) ?? UnavailableFlags.reason(for: flag) ?? "swiftbox has nothing like it"
    }

    /// A service of a Compose file; `service` may be left out where there is one.
    public init(compose bytes: [UInt8], path: String, service: String?) throws(BoxError) {
        let root: Node
        do throws(DocumentError) {
            root = try YAML.parse(bytes)
        } catch {
            var failure = BoxError(.invalidSpec, error.message, position: error.position)
            failure.file = path
            throw failure
        }
        guard case .object(let services)? = root["services"]?.value, !services.isEmpty else {
            throw BoxError(.invalidSpec, "\(path) has no services: it is no Compose file", field: "--compose")
        }
        let names = services.map(\.key).joined(separator: ", ")
        guard let chosen = services.first(where: { $0.key == service ?? services[0].key }),
            service != nil || services.count == 1, case .object(let keys) = chosen.node.value
        else {
            throw BoxError(
                .invalidSpec,
                service == nil ? "\(path) has several services" : "\(path) has no service \(service ?? "")",
                field: "--service", found: names, remedy: "--service NAME")
        }
        for member in keys {
            switch Key.named(member.key)?.shape {
            case nil:
                if !member.key.hasPrefix("x-") { leftOut.append("\(member.key): swiftbox has nothing like it") }
            case .refused(let why): leftOut.append("\(member.key): \(why)")
            case .image: leftOut.append("image: unpack it into a directory, and name that with rootfs")
            case .restart where member.node.value == .string("no"): break
            case .restart, .healthcheck, .logging:
                leftOut.append("\(member.key): it needs the daemon; swiftbox run -d -f, and up, take the key")
            default: members.append(member)
            }
        }
    }
}

/// What the flags of `docker run` are called here.
enum DockerFlags {
    private static let longNames = [
        "-m": "--memory", "-v": "--volume", "-e": "--env", "-w": "--workdir", "-u": "--user", "-l": "--label",
        "-h": "--hostname", "-i": "--interactive", "-t": "--tty", "-c": "--cpu-shares", "--net": "--network",
        "--dns-opt": "--dns-option", "-d": "--detach", "-P": "--publish-all", "-p": "--publish", "-a": "--attach",
    ]
    private static let switches: Set<String> = [
        "--interactive", "--tty", "--detach", "--publish-all", "--rm", "--init", "--privileged", "--read-only",
        "--no-healthcheck", "--oom-kill-disable", "--disable-content-trust", "--sig-proxy", "--cpu-idle",
        "--best-effort",
        "--quiet", "-q",
    ]
    /// Compose has them in one map.
    static let blockIO = [
        "--device-read-bps": "device_read_bps", "--device-write-bps": "device_write_bps",
        "--device-read-iops": "device_read_iops", "--device-write-iops": "device_write_iops",
    ]

    static func long(_ flag: String) -> String { longNames[flag] ?? flag }

    static func takesNothing(_ flag: String) -> Bool { switches.contains(long(flag)) }
}
