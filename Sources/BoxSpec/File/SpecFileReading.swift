internal import BoxDocument

extension SpecFile {
    mutating func read(_ root: Node) {
        guard case .object(let members) = root.value else {
            return add("must be a map of keys, such as command: [make, check]", key: nil, at: root.position)
        }
        for member in members where !member.key.hasPrefix("x-") { read(member) }
    }

    private mutating func read(_ member: Member) {
        guard let key = Key.named(member.key) else {
            let near = NearestKey.find(member.key, among: Key.usable.map(\.name))
            return add(
                "\(JSON.quoted(member.key)) is no key of a spec file", key: member.key, at: member.position,
                remedy: near.map { "did you mean \($0)?" } ?? "swiftbox spec schema lists them; x-… is for your own")
        }
        if case .refused(let why) = key.shape {
            return add("cannot be used: \(why)", key: key.name, at: member.position)
        }
        if member.node.value == .null {
            return add("has no value", key: key.name, at: member.position, remedy: "leave the key out")
        }
        let flag = RunFlag.all.first { $0.name == key.flag }
        if case .text(let access) = flag?.place, let given = given(access) {
            return add("says again what another key said: \(given)", key: key.name, at: member.position)
        }
        read(member.node, key)
    }

    private mutating func read(_ node: Node, _ key: Key) {
        switch key.shape {
        case .text(let isPath): takeText(node, key.name, key.flag, isPath: isPath)
        case .bool: takeBool(node, key)
        case .list(let isPath): takeList(node, key.name, key.flag, isPath: isPath)
        case .pairs: takePairs(node, key.name, key.flag)
        case .command: takeCommand(node, key)
        case .volumes: takeVolumes(node, key.name)
        case .ulimits: takeUlimits(node, key.name)
        case .rootfs: takeRootfs(node, key.name)
        case .seccomp: takeSeccomp(node, key)
        case .securityOptions: takeSecurityOptions(node, key)
        case .blockIO: takeBlockIO(node, key.name)
        case .copyOut: takeCopyOut(node, key)
        case .image, .restart: takeDaemonText(node, key)
        case .healthcheck: takeHealthcheck(node, key.name)
        case .logging: takeLogging(node, key.name)
        case .version:
            if node.value != .integer(1) && node.value != .string("1") {
                add("is a version that this swiftbox does not know: it reads 1", key: key.name, at: node.position)
            }
        case .refused: break
        }
    }

    private mutating func given(_ access: RunFlag.Access<String?>) -> String? {
        var given: String?
        access(&options) { given = $0 }
        return given
    }

    // MARK: one value

    /// A word or a number as a flag would have it; nil for anything else.
    func text(_ node: Node) -> String? {
        switch node.value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .double(let number): number.rounded() == number && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
        default: nil
        }
    }

    /// As the file's directory has it.
    func absolute(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : directory + "/" + path
        let end = path.hasSuffix("/") ? "/" : ""
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/") + end
    }

    mutating func put(_ text: String, typed: String? = nil, _ key: String, _ flag: String, at position: Position) {
        switch RunFlag.all.first(where: { $0.name == flag })?.place {
        case .text(let access): access(&options) { $0 = text }
        case .list(let access): access(&options) { $0.append(text) }
        case .flag, nil: return
        }
        origins.append(Origin(flag: flag, text: text, typed: typed ?? text, key: key, position: position))
    }

    mutating func takeText(_ node: Node, _ key: String, _ flag: String, isPath: Bool = false) {
        guard let value = text(node) else {
            return add("must be a word or a number, not \(name(of: node))", key: key, at: node.position)
        }
        put(isPath && !value.isEmpty ? absolute(value) : value, typed: value, key, flag, at: node.position)
    }

    private mutating func takeBool(_ node: Node, _ key: Key) {
        guard case .bool(let value) = node.value else {
            return add("must be true or false, not \(name(of: node))", key: key.name, at: node.position)
        }
        guard value, case .flag(let access) = RunFlag.all.first(where: { $0.name == key.flag })?.place else { return }
        access(&options) { $0 = true }
        origins.append(Origin(flag: key.flag, text: "", typed: "true", key: key.name, position: node.position))
    }

    func name(of node: Node) -> String {
        switch node.value {
        case .null: "nothing"
        case .bool(let value): value ? "true" : "false"
        case .array: "a list"
        case .object: "a map"
        case .string(let text): JSON.quoted(text)
        default: "a number"
        }
    }

    // MARK: several values

    mutating func takeList(_ node: Node, _ key: String, _ flag: String, isPath: Bool = false) {
        guard case .array(let elements) = node.value else { return takeText(node, key, flag, isPath: isPath) }
        for (index, element) in elements.enumerated() {
            takeText(element, "\(key)[\(index)]", flag, isPath: isPath)
        }
    }

    /// `NAME: VALUE` or `- NAME=VALUE`; a name without a value stays one.
    mutating func takePairs(_ node: Node, _ key: String, _ flag: String) {
        guard case .object(let members) = node.value else {
            if case .array = node.value { return takeList(node, key, flag) }
            return add("must be a map or a list of NAME=VALUE, not \(name(of: node))", key: key, at: node.position)
        }
        for member in members {
            let place = "\(key).\(member.key)"
            switch member.node.value {
            case .null: put(member.key, place, flag, at: member.position)
            case .bool(let value): put("\(member.key)=\(value)", place, flag, at: member.node.position)
            default:
                guard let value = text(member.node) else {
                    add(
                        "must be a word or a number, not \(name(of: member.node))", key: place, at: member.node.position
                    )
                    continue
                }
                put("\(member.key)=\(value)", place, flag, at: member.node.position)
            }
        }
    }

    private mutating func takeCommand(_ node: Node, _ key: Key) {
        var words: [String] = []
        switch node.value {
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let word = text(element) {
                    words.append(word)
                } else if case .bool(let value) = element.value {
                    words.append("\(value)")
                } else {
                    add(
                        "must be a word or a number, not \(name(of: element))", key: "\(key.name)[\(index)]",
                        at: element.position)
                }
            }
        default:
            guard let line = text(node) else {
                return add(
                    "must be a list of words or one line, not \(name(of: node))", key: key.name, at: node.position)
            }
            guard let split = ShellWords.split(line) else {
                return add("a quote is not closed", key: key.name, at: node.position)
            }
            words = split
        }
        if words.isEmpty { return add("is empty", key: key.name, at: node.position) }
        let origin = Origin(
            flag: key.flag, text: words.first ?? "", typed: words.first ?? "", key: key.name, position: node.position)
        origins.append(origin)
        if key.flag == "COMMAND" {
            options.command = words
        } else {
            options.entrypoint = words[0]
            options.entrypointArguments = Array(words.dropFirst())
        }
    }
}
