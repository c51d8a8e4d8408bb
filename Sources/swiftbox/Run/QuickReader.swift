internal import BoxSpec

/// The words behind `run`, read without the parser, which takes longer than the box's start: its flags, each with its
/// value as a word of its own or behind `=`, and letters without values. What else the parser knows, and every mistake,
/// is left to it.
enum QuickReader {
    /// Flags of one letter; all of the parser's.
    private static let letters: [Character: String] = [
        "f": "--file", "v": "--volume", "i": "--interactive", "t": "--tty", "w": "--workdir", "u": "--user",
        "e": "--env",
        "l": "--label", "m": "--memory", "d": "--detach", "H": "--host",
    ]

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
                guard let name = name(word.last), readFlag(name, &words, &typed) else { return nil }
            } else {
                guard word.utf8.count > 2, readLetters(word.dropFirst(), &typed) else { return nil }
            }
        }
        typed.options.command = Array(words)
        return typed
    }

    private static func name(_ letter: Character?) -> String? { letter.flatMap { letters[$0] } }

    private static func readLetters(_ word: Substring, _ typed: inout TypedRun) -> Bool {
        word.allSatisfy { name($0).map { typed.set($0, nil) == .done } ?? false }
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
    private static let texts: [(name: String, place: any WritableKeyPath<TypedRun, String?> & Sendable)] = [
        ("--file", \.file), ("--cidfile", \.cidFile), ("--pidfile", \.pidFile), ("--trace-timing", \.traceTiming),
        ("--root", \.root), ("--detach-keys", \.detachKeys), ("--host", \.host),
    ]

    /// One flag; a scalar that was given before is `.other`, for the parser to judge.
    fileprivate mutating func set(_ flag: String, _ value: String?) -> FlagReading {
        switch flag {
        case "--rm" where value == nil: remove = true
        case "--detach" where value == nil: detach = true
        case "--verbose" where value == nil: verbose = true
        default:
            if let text = Self.texts.first(where: { $0.name == flag }) {
                return FlagReading.text(text.place, value, in: &self)
            }
            let reading = options.set(flag, value)
            return reading == .other ? daemon.set(flag, value) : reading
        }
        return .done
    }
}
