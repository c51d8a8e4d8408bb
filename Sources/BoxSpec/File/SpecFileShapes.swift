internal import BoxDocument

/// Keys whose values have a shape of their own.
extension SpecFile {
    /// Members of a map, each by a reader; a name that has none is an error.
    mutating func takeMap(
        _ node: Node, _ key: String, known: [String], _ read: (inout SpecFile, Member, String) -> Void
    ) {
        guard case .object(let members) = node.value else {
            return add("must be a map, not \(name(of: node))", key: key, at: node.position)
        }
        for member in members {
            let place = "\(key).\(member.key)"
            if known.contains(member.key) {
                read(&self, member, place)
            } else {
                let near = NearestKey.find(member.key, among: known)
                add(
                    "\(JSON.quoted(member.key)) is no key of \(key)", key: place, at: member.position,
                    remedy: near.map { "did you mean \($0)?" } ?? "one of " + known.joined(separator: ", "))
            }
        }
    }

    mutating func takeVolumes(_ node: Node, _ key: String) {
        guard case .array(let elements) = node.value else {
            return add("must be a list, not \(name(of: node))", key: key, at: node.position)
        }
        for (index, element) in elements.enumerated() {
            let place = "\(key)[\(index)]"
            if case .object(let members) = element.value {
                takeMount(element, members, place)
            } else if let volume = text(element) {
                // A name without a slash stays one: named volumes are refused by their name.
                let source = String(volume.prefix { $0 != ":" })
                let isPath = source.hasPrefix(".") || source.contains("/")
                put(
                    isPath ? absolute(source) + volume.dropFirst(source.count) : volume, typed: volume, place,
                    "--volume", at: element.position)
            } else {
                add("must be SRC:DST[:OPTIONS] or a map, not \(name(of: element))", key: place, at: element.position)
            }
        }
    }

    /// Compose's long form → `--mount`.
    private mutating func takeMount(_ node: Node, _ members: [Member], _ key: String) {
        var words: [String] = []
        let before = problems.count
        takeMap(node, key, known: ["type", "source", "target", "read_only", "bind", "tmpfs"]) { file, member, place in
            switch member.key {
            case "read_only":
                if case .bool(let value) = member.node.value {
                    if value { words.append("ro") }
                } else {
                    file.add("must be true or false", key: place, at: member.node.position)
                }
            case "bind", "tmpfs":
                let names = ["propagation": "bind-propagation", "size": "tmpfs-size", "mode": "tmpfs-mode"]
                let known = member.key == "bind" ? ["propagation"] : ["size", "mode"]
                file.takeMap(member.node, place, known: known) { file, inner, place in
                    let octal = inner.key == "mode" ? file.octal(inner.node) : file.text(inner.node)
                    if let text = octal, let name = names[inner.key] {
                        words.append("\(name)=\(text)")
                    } else {
                        file.add("must be a word or a number", key: place, at: inner.node.position)
                    }
                }
            default:
                let name = ["source": "src", "target": "dst"][member.key] ?? "type"
                guard let text = file.text(member.node), !text.contains(",") else {
                    return file.add("must be a word without a comma", key: place, at: member.node.position)
                }
                words.append("\(name)=\(member.key == "source" && text.hasPrefix(".") ? file.absolute(text) : text)")
            }
        }
        if problems.count > before { return }
        put(words.joined(separator: ","), key, "--mount", at: node.position)
    }

    /// YAML has read 0o755 as a number.
    private func octal(_ node: Node) -> String? {
        if case .integer(let number) = node.value, number >= 0 { return String(number, radix: 8) }
        return text(node)
    }

    mutating func takeUlimits(_ node: Node, _ key: String) {
        guard case .object(let members) = node.value else { return takeList(node, key, "--ulimit") }
        for member in members {
            let place = "\(key).\(member.key)"
            guard case .object = member.node.value else {
                if let value = text(member.node) {
                    put("\(member.key)=\(value)", place, "--ulimit", at: member.node.position)
                } else {
                    add("must be a number or a map of soft and hard", key: place, at: member.node.position)
                }
                continue
            }
            let soft = member.node["soft"].flatMap { text($0) }
            let hard = member.node["hard"].flatMap { text($0) }
            takeMap(member.node, place, known: ["soft", "hard"]) { _, _, _ in }
            if let soft, let hard {
                put("\(member.key)=\(soft):\(hard)", place, "--ulimit", at: member.node.position)
            } else {
                add("needs both soft and hard", key: place, at: member.node.position)
            }
        }
    }

    mutating func takeRootfs(_ node: Node, _ key: String) {
        guard case .object = node.value else { return takeText(node, key, "--rootfs", isPath: true) }
        takeMap(node, key, known: ["layers", "upper", "scratch_size"]) { file, member, place in
            switch member.key {
            case "upper": file.takeText(member.node, place, "--upper", isPath: true)
            case "scratch_size": file.takeText(member.node, place, "--scratch-size")
            default:
                guard case .array(let layers) = member.node.value, !layers.isEmpty else {
                    return file.add("must be a list of directories", key: place, at: member.node.position)
                }
                for (index, layer) in layers.enumerated() {
                    file.takeText(layer, "\(place)[\(index)]", index == 0 ? "--rootfs" : "--layer", isPath: true)
                }
            }
        }
    }

    mutating func takeSeccomp(_ node: Node, _ key: Key) {
        guard let value = text(node), !value.isEmpty else {
            return add("must be a profile's file, default or unconfined", key: key.name, at: node.position)
        }
        if value == "default" { return }
        let profile = value == "unconfined" ? value : absolute(value)
        put("seccomp=\(profile)", typed: value, key.name, key.flag, at: node.position)
    }

    /// Compose writes `name:value` too, and the file of a profile is relative to this one.
    mutating func takeSecurityOptions(_ node: Node, _ key: Key) {
        guard case .array(let elements) = node.value else {
            return add("must be a list, not \(name(of: node))", key: key.name, at: node.position)
        }
        for (index, element) in elements.enumerated() {
            let place = "\(key.name)[\(index)]"
            guard var option = text(element) else {
                add("must be a word", key: place, at: element.position)
                continue
            }
            if !option.contains("="), let colon = option.firstIndex(of: ":") {
                option.replaceSubrange(colon...colon, with: "=")
            }
            let file = option.dropFirst("seccomp=".count)
            if option.hasPrefix("seccomp=") && file != "unconfined" && !file.isEmpty {
                option = "seccomp=" + absolute(String(file))
            }
            put(option, typed: text(element), place, key.flag, at: element.position)
        }
    }

    mutating func takeBlockIO(_ node: Node, _ key: String) {
        let lists = ["device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops"]
        takeMap(node, key, known: ["weight"] + lists) { file, member, place in
            if member.key == "weight" { return file.takeText(member.node, place, "--io-weight") }
            guard case .array(let elements) = member.node.value else {
                return file.add("must be a list of path and rate", key: place, at: member.node.position)
            }
            let flag = "--" + member.key.map { $0 == "_" ? "-" : String($0) }.joined()
            for (index, element) in elements.enumerated() {
                let path = element["path"].flatMap { file.text($0) }
                let rate = element["rate"].flatMap { file.text($0) }
                if let path, let rate {
                    file.put("\(path):\(rate)", "\(place)[\(index)]", flag, at: element.position)
                } else {
                    file.add("needs path and rate", key: "\(place)[\(index)]", at: element.position)
                }
            }
        }
    }

    mutating func takeCopyOut(_ node: Node, _ key: Key) {
        let elements: [(String, Node)]
        if case .array(let nodes) = node.value {
            elements = nodes.enumerated().map { ("\(key.name)[\($0)]", $1) }
        } else {
            elements = [(key.name, node)]
        }
        for (place, element) in elements {
            guard let text = text(element) else {
                add("must be BOXPATH:HOSTPATH, not \(name(of: element))", key: place, at: element.position)
                continue
            }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let whole = parts.count == 2 && !parts[1].isEmpty ? "\(parts[0]):\(absolute(parts[1]))" : text
            put(whole, typed: text, place, key.flag, at: element.position)
        }
    }
}
