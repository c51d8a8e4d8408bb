/// One line as the words of a command, cut at blanks; quotes and backslashes as in a shell (POSIX 2.2), nothing expanded.
enum ShellWords {
    /// nil for a quote that is not closed, or a backslash at the end.
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let next = rest.popFirst() {
            if let open = quote {
                if next == open {
                    quote = nil
                } else if next == "\\" && open == "\"", let escaped = rest.first, "\"\\$`".contains(escaped) {
                    word = (word ?? "") + String(rest.removeFirst())
                } else {
                    word = (word ?? "") + String(next)
                }
            } else if next == "'" || next == "\"" {
                quote = next
                word = word ?? ""
            } else if next == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                word = (word ?? "") + String(escaped)
            } else if next.isWhitespace {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(next)
            }
        }
        if quote != nil { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
