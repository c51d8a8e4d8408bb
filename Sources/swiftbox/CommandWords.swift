internal import ArgumentParser
internal import BoxOCI
internal import BoxSpec

/// Everything from the first word that is no flag of ours: the command, or a flag that does not exist.
enum CommandWords {
    /// The command, `--` left out. What looks like a flag before it is refused: after `--` it would be a command.
    static func command(_ words: [String], help: any ParsableCommand.Type) throws -> [String] {
        guard let first = words.first else { return [] }
        if first == "--" { return Array(words.dropFirst()) }
        if first == "--help" || first == "-h" { throw CleanExit.helpRequest(help) }
        if first.hasPrefix("-") && first != "-" { throw unknownFlag(first) }
        return words
    }

    private static func unknownFlag(_ word: String) -> BoxError {
        let name = String(word.prefix { $0 != "=" })
        // In `-dit` the fault is a letter's.
        let letters = name.hasPrefix("--") ? [] : name.dropFirst().map { "-\($0)" }
        for flag in [name] + letters {
            if let reason = UnavailableFlags.reason(for: flag) {
                return BoxError(.unsupported, "\(flag) cannot be used: \(reason)", field: flag)
            }
        }
        return BoxError(
            .invalidSpec, "unknown flag \(name)", field: name,
            remedy: "swiftbox run --help; a command that begins with - goes after --")
    }
}
