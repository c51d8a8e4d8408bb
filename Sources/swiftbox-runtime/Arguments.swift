internal import BoxOCI

/// The words of the command line, taken from the left: flags as `--name value` and `--name=value`, in any order,
/// up to the first word that is none.
struct Arguments {
    private var words: ArraySlice<String>
    /// The value that was written behind `=`.
    private var attached: String?

    init(_ words: [String]) { self.words = words[...] }

    mutating func next() -> String? { words.popFirst() }

    /// Whether `-h` or `--help` is the next word.
    var asksForHelp: Bool { words.first == "-h" || words.first == "--help" }

    /// What is left of the line.
    mutating func rest() -> [String] {
        defer { words = [] }
        return Array(words)
    }

    /// The next flag, without its value; nil when the next word is no flag.
    mutating func nextFlag() throws(BoxError) -> String? {
        if let attached { throw BoxError(.invalidSpec, "=\(attached) stands behind a flag that takes no value") }
        guard let word = words.first, word.hasPrefix("-"), word != "-" else { return nil }
        words.removeFirst()
        if word == "--" { return nil }
        guard let sign = word.firstIndex(of: "=") else { return word }
        attached = String(word[word.index(after: sign)...])
        return String(word[..<sign])
    }

    mutating func value(of flag: String) throws(BoxError) -> String {
        if let value = attached {
            attached = nil
            return value
        }
        guard let value = words.popFirst() else {
            throw BoxError(.invalidSpec, "\(flag) needs a value", field: flag)
        }
        return value
    }

    /// `table` or `json`: whether it is the second.
    mutating func format(of flag: String) throws(BoxError) -> Bool {
        let format = try value(of: flag)
        if format == "json" { return true }
        if format == "table" { return false }
        throw BoxError(.invalidSpec, "\(format) is no output format", field: flag, remedy: "table or json")
    }

    /// A small number, 0 or more.
    mutating func count(of flag: String) throws(BoxError) -> CInt {
        let text = try value(of: flag)
        guard let count = CInt(text), (0...65535).contains(count), !text.hasPrefix("+") else {
            throw BoxError(.invalidSpec, "\(text) is no number from 0 to 65535", field: flag)
        }
        return count
    }

    /// For a verb that has no flags.
    mutating func refuseFlags(_ verb: String) throws(BoxError) {
        if let flag = try nextFlag() { throw Arguments.unknown(flag, verb) }
    }

    /// Nothing more may follow.
    mutating func end(_ verb: String) throws(BoxError) {
        if let attached { throw BoxError(.invalidSpec, "=\(attached) stands behind a flag that takes no value") }
        if let extra = words.first { throw BoxError(.invalidSpec, "\(verb) takes no more operands, found \(extra)") }
    }

    /// The one operand of a verb.
    mutating func onlyID(_ verb: String) throws(BoxError) -> String {
        let id = try id(verb)
        if let extra = words.first {
            throw BoxError(.invalidSpec, "\(verb) takes one id, found also \(extra)")
        }
        return id
    }

    /// The first operand of a verb; others may follow.
    mutating func id(_ verb: String) throws(BoxError) -> String {
        guard let id = words.popFirst() else {
            throw BoxError(.invalidSpec, "\(verb) needs the id of a box", remedy: "swiftbox-runtime \(verb) ID")
        }
        try BoxName.check(id, field: "ID")
        return id
    }

    static func unknown(_ flag: String, _ verb: String) -> BoxError {
        BoxError(
            .invalidSpec, "\(verb) does not know the flag \(flag)", field: flag, remedy: "swiftbox-runtime --help")
    }
}
