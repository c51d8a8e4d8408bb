internal import BoxDocument
internal import BoxOCI

/// Keys that only the daemon can keep.
extension SpecFile {
    /// A run without the daemon ends with this.
    private mutating func needsDaemon(_ key: String, _ node: Node) {
        var error = BoxError(
            .unsupported, "\(key): cannot be used without the daemon", field: key, position: node.position,
            remedy: "swiftbox run -d -f \(path)")
        error.file = path
        daemonKeys.append(error)
    }

    /// Checks a value as the flag would be, and says what is wrong in the file's words.
    private mutating func keep(
        _ key: String, _ node: Node, _ set: (inout DaemonOptions) -> Void
    ) {
        var alone = DaemonOptions()
        set(&alone)
        do throws(BoxError) {
            _ = try alone.members()
            set(&daemon)
        } catch {
            let words = error.field.map { "\($0) " } ?? ""
            let message = error.message.hasPrefix(words) ? String(error.message.dropFirst(words.count)) : error.message
            add(message, key: key, at: node.position, remedy: error.remedy)
        }
    }

    mutating func takeDaemonText(_ node: Node, _ key: Key) {
        // YAML reads `no` as false.
        guard let value = node.value == .bool(false) && key.shape == .restart ? "no" : text(node) else {
            return add("must be a word, not \(name(of: node))", key: key.name, at: node.position)
        }
        if key.shape == .restart {
            if value != "no" { needsDaemon(key.name, node) }
            keep(key.name, node) { $0.restart = value }
        } else {
            needsDaemon(key.name, node)
            keep(key.name, node) { $0.image = value }
        }
    }

    mutating func takeHealthcheck(_ node: Node, _ key: String) {
        let texts: [String: WritableKeyPath<DaemonOptions, String?>] = [
            "interval": \.healthInterval, "timeout": \.healthTimeout, "start_period": \.healthStartPeriod,
            "retries": \.healthRetries, "on_failure": \.healthOnFailure,
        ]
        var asked = DaemonOptions()
        let before = problems.count
        takeMap(node, key, known: ["test", "disable"] + texts.keys.sorted()) { file, member, place in
            switch (member.key, member.node.value) {
            case ("test", .array(let elements)): asked.healthTest = elements.compactMap { file.text($0) }
            case ("test", _): asked.healthCommand = file.text(member.node)
            case ("disable", .bool(let value)): asked.noHealthcheck = value
            case ("disable", _): file.add("must be true or false", key: place, at: member.node.position)
            default:
                guard let path = texts[member.key], let value = file.text(member.node) else {
                    return file.add("must be a word or a number", key: place, at: member.node.position)
                }
                asked[keyPath: path] = value
            }
        }
        if problems.count > before { return }
        if asked == DaemonOptions() { return add("says nothing", key: key, at: node.position) }
        needsDaemon(key, node)
        let found = asked
        keep(key, node) { options in
            options.healthTest = found.healthTest
            options.healthCommand = found.healthCommand
            options.noHealthcheck = found.noHealthcheck
            for path in texts.values { options[keyPath: path] = found[keyPath: path] }
        }
    }

    mutating func takeLogging(_ node: Node, _ key: String) {
        needsDaemon(key, node)
        takeMap(node, key, known: ["driver", "options"]) { file, member, place in
            guard member.key == "options" else {
                guard let value = file.text(member.node) else {
                    return file.add("must be a word", key: place, at: member.node.position)
                }
                return file.keep(place, member.node) { $0.logDriver = value }
            }
            file.takeMap(member.node, place, known: ["max-size", "max-file"]) { file, option, place in
                guard let value = file.text(option.node) else {
                    return file.add("must be a word or a number", key: place, at: option.node.position)
                }
                file.keep(place, option.node) { $0.logOptions.append("\(option.key)=\(value)") }
            }
        }
    }
}
