internal import BoxSpec

/// The words behind `run`, read without the parser, which takes longer than the box's start: its flags, each with its
/// value as a word of its own or behind `=`, and letters without values. What else the parser knows, and every mistake,
/// is left to it.
enum QuickReader {
    /// nil leaves the words to the parser.
    static func read(_ words: ArraySlice<String>) -> TypedRun? {
        if words.isEmpty { return nil }
        var typed = TypedRun()
        var words = words
        while let word = words.first, word.hasPrefix("-") {
            words.removeFirst()
            if word == "--" { break }
            if word.hasPrefix("--") {
                guard readFlag(word, &words, &typed) else { return nil }
            } else if word.utf8.count == 2 {
                guard let name = word.utf8.last.flatMap(name), readFlag(name, &words, &typed) else { return nil }
            } else {
                guard word.utf8.count > 2, readLetters(word.dropFirst(), &typed) else { return nil }
            }
        }
        typed.options.command = Array(words)
        return typed
    }

    /// Of a flag of one letter; all of the parser's.
    private static func name(_ letter: UInt8) -> String? {
        switch letter {
        case UInt8(ascii: "f"): "--file"
        case UInt8(ascii: "v"): "--volume"
        case UInt8(ascii: "i"): "--interactive"
        case UInt8(ascii: "t"): "--tty"
        case UInt8(ascii: "w"): "--workdir"
        case UInt8(ascii: "u"): "--user"
        case UInt8(ascii: "e"): "--env"
        case UInt8(ascii: "l"): "--label"
        case UInt8(ascii: "m"): "--memory"
        case UInt8(ascii: "d"): "--detach"
        case UInt8(ascii: "H"): "--host"
        default: nil
        }
    }

    private static func readLetters(_ word: Substring, _ typed: inout TypedRun) -> Bool {
        word.utf8.allSatisfy { name($0).map { typed.set($0, nil) == .done } ?? false }
    }

    private static func readFlag(_ word: String, _ words: inout ArraySlice<String>, _ typed: inout TypedRun) -> Bool {
        if let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) {
            let value = String(word[word.utf8.index(after: equals)...])
            return !value.isEmpty && typed.set(String(word[..<equals]), value) == .done
        }
        switch typed.set(word, nil) {
        case .done: return true
        case .other: return false
        case .needsValue:
            guard let value = words.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return false }
            return typed.set(word, value) == .done
        }
    }
}

extension TypedRun {
    /// One flag; a scalar that was given before is `.other`, for the parser to judge.
    fileprivate mutating func set(_ flag: String, _ value: String?) -> FlagReading {
        switch flag {
        case "--rm" where value == nil: remove = true
        case "--detach" where value == nil: detach = true
        case "--verbose" where value == nil: verbose = true
        case "--file": return FlagReading.text(&file, value)
        case "--cidfile": return FlagReading.text(&cidFile, value)
        case "--pidfile": return FlagReading.text(&pidFile, value)
        case "--trace-timing": return FlagReading.text(&traceTiming, value)
        case "--root": return FlagReading.text(&root, value)
        case "--detach-keys": return FlagReading.text(&detachKeys, value)
        case "--host": return FlagReading.text(&host, value)
        default:
            let reading = options.set(flag, value)
            return reading == .other ? daemon.set(flag, value) : reading
        }
        return .done
    }
}
