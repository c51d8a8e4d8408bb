/// One pass over the bytes of a text. Recurses an array or object, at most `maxDepth` deep.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maxDepth: Int
    private var valuesLeft: Int
    private let omitted: [String]
    /// Where what `omitted` leads to stands.
    private(set) var passedOver: Range<Int>?
    /// So many keys of `omitted` lead to where the reader is.
    private var keysFound = 0
    private var at = 0
    private var line = 1
    private var lineStart = 0

    /// The buffer must outlive the reader.
    init(bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int, maxValues: Int, omitted: [String] = []) {
        self.omitted = omitted
        self.bytes = bytes
        valuesLeft = maxValues
        self.maxDepth = maxDepth
    }

    mutating func document() throws(DocumentError) -> Node {
        if bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF {
            throw DocumentError("the text begins with a byte order mark", at: here)
        }
        skipSpace()
        let node = try value(depth: 0)
        skipSpace()
        if at < bytes.count { throw unexpected("the end") }
        return node
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(DocumentError) -> Node {
        let start = here
        valuesLeft -= 1
        if valuesLeft < 0 { throw DocumentError("the text has too many values", at: start) }
        switch peek {
        case UInt8(ascii: "{"): return Node(.object(try object(depth: depth + 1)), at: start)
        case UInt8(ascii: "["): return Node(.array(try array(depth: depth + 1)), at: start)
        case UInt8(ascii: "\""): return Node(.string(try string()), at: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return Node(try number(), at: start)
        case UInt8(ascii: "t"):
            try literal("true")
            return Node(.bool(true), at: start)
        case UInt8(ascii: "f"):
            try literal("false")
            return Node(.bool(false), at: start)
        case UInt8(ascii: "n"):
            try literal("null")
            return Node(.null, at: start)
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(DocumentError) -> [Member] {
        try enter(depth)
        var members: [Member] = []
        var passed: [Member] = []
        if closes(UInt8(ascii: "}")) { return members }
        while true {
            if peek != UInt8(ascii: "\"") { throw unexpected("a key in quotes") }
            let start = here
            let key = try string()
            skipSpace()
            if peek != UInt8(ascii: ":") { throw unexpected("a colon") }
            at += 1
            skipSpace()
            if let node = try member(key, depth: depth) {
                members.append(Member(key, node, at: start))
            } else {
                passed.append(Member(key, Node(.null), at: start))
            }
            if try ends(UInt8(ascii: "}"), "a comma or a closing brace") { break }
        }
        try refuseDuplicates(passed.isEmpty ? members : passed + members)
        return members
    }

    /// nil where it is to be passed over.
    private mutating func member(_ key: String, depth: Int) throws(DocumentError) -> Node? {
        // A member is as deep as there are keys before it; where an array lies between, it is deeper.
        if keysFound >= omitted.count || depth != keysFound + 1 || key != omitted[keysFound] {
            return try value(depth: depth)
        }
        if keysFound + 1 == omitted.count && (peek == UInt8(ascii: "{") || peek == UInt8(ascii: "[")) {
            let start = at
            try passOver()
            passedOver = start..<at
            return nil
        }
        keysFound += 1
        let node = try value(depth: depth)
        keysFound -= 1
        return node
    }

    private mutating func array(depth: Int) throws(DocumentError) -> [Node] {
        try enter(depth)
        var elements: [Node] = []
        if closes(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if try ends(UInt8(ascii: "]"), "a comma or a closing bracket") { break }
        }
        return elements
    }

    private func refuseDuplicates(_ members: [Member]) throws(DocumentError) {
        if let (first, second) = Duplicates.first(of: members.count, { members[$0].key }) {
            throw duplicate(members[second], of: members[first].position)
        }
    }

    private func duplicate(_ member: Member, of first: Position) -> DocumentError {
        DocumentError(
            "the key \(JSON.quoted(member.key)) stands twice in one object, first on line \(first.line) and again on "
                + "line \(member.position.line)", at: member.position)
    }

    /// A value, by its strings and brackets.
    private mutating func passOver() throws(DocumentError) {
        var depth = 0
        repeat {
            skipSpace()
            switch peek {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                at += 1
                skipPlain()
                while peek == UInt8(ascii: "\\") {
                    at += 2
                    skipPlain()
                }
                if peek != UInt8(ascii: "\"") { throw unexpected("a closing quote") }
            default: if at >= bytes.count { throw unexpected("a value") }
            }
            at += 1
        } while depth > 0
    }

    // MARK: Numbers

    private mutating func number() throws(DocumentError) -> Node.Value {
        let start = at
        let position = here
        let negative = peek == UInt8(ascii: "-")
        if negative { at += 1 }
        let (magnitude, fits) = try wholeNumber()
        var whole = true
        if peek == UInt8(ascii: ".") {
            whole = false
            at += 1
            try digits()
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            whole = false
            at += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        if whole && fits {
            if !negative { return Int64(exactly: magnitude).map { .integer($0) } ?? .unsigned(magnitude) }
            if magnitude <= 1 << 63 { return .integer(Int64(bitPattern: 0 &- magnitude)) }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw DocumentError("the number is too large", at: position)
        }
        return .double(value)
    }

    /// The digits before a point; whether they fit 64 bits.
    private mutating func wholeNumber() throws(DocumentError) -> (UInt64, fits: Bool) {
        if peek == UInt8(ascii: "0") {
            at += 1
            if isDigit(peek) { throw DocumentError("a number must not begin with a needless 0", at: here) }
            return (0, true)
        }
        if !isDigit(peek) { throw unexpected("a digit") }
        var magnitude: UInt64 = 0
        var overflow = false
        while isDigit(peek) {
            let (tens, lost) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(UInt64(peek & 15))
            overflow = overflow || lost || carried
            magnitude = sum
            at += 1
        }
        return (magnitude, !overflow)
    }

    private mutating func digits() throws(DocumentError) {
        if !isDigit(peek) { throw unexpected("a digit") }
        while isDigit(peek) { at += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Strings

    private mutating func string() throws(DocumentError) -> String {
        let start = at + 1
        at = start
        skipPlain()
        if peek == UInt8(ascii: "\"") {
            at += 1
            return try text(UnsafeBufferPointer(rebasing: bytes[start..<(at - 1)]), from: start)
        }
        var collected = Array(bytes[start..<at])
        while true {
            if at == bytes.count { throw unexpected("a closing quote") }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { break }
            if byte < 0x20 {
                throw DocumentError("a control character in a string must be written as an escape", at: here)
            }
            try escape(into: &collected)
            let plain = at
            skipPlain()
            collected.append(contentsOf: bytes[plain..<at])
        }
        at += 1
        return try collected.withUnsafeBufferPointer { (buffer) throws(DocumentError) -> String in
            try text(buffer, from: start)
        }
    }

    /// Up to a quote, a backslash, a control character or the end.
    private mutating func skipPlain() {
        while true {
            at = bytes.firstSpecial(from: at)
            // DEL, and what is not ASCII, are plain here.
            if peek < 0x7F { return }
            at += 1
        }
    }

    private func text(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int) throws(DocumentError) -> String {
        // The validating initializer is several times slower, and almost every string is ASCII.
        if buffer.isASCII { return String(decoding: buffer, as: UTF8.self) }
        guard let text = String(validating: buffer, as: UTF8.self) else {
            throw DocumentError("the string is not valid UTF-8", at: position(start - 1))
        }
        return text
    }

    private mutating func escape(into collected: inout [UInt8]) throws(DocumentError) {
        let start = here
        at += 1
        let letter = peek
        if at < bytes.count { at += 1 }
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(letter)
        case UInt8(ascii: "b"): collected.append(0x08)
        case UInt8(ascii: "f"): collected.append(0x0C)
        case UInt8(ascii: "n"): collected.append(0x0A)
        case UInt8(ascii: "r"): collected.append(0x0D)
        case UInt8(ascii: "t"): collected.append(0x09)
        case UInt8(ascii: "u"): collected.append(contentsOf: String(try scalar(start)).utf8)
        default: throw DocumentError("a backslash must begin one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", at: start)
        }
    }

    /// What follows `\u`, and the second half where it is a surrogate pair.
    private mutating func scalar(_ start: Position) throws(DocumentError) -> Unicode.Scalar {
        var value = try hex4(start)
        if value & 0xFC00 == 0xD800 && at + 1 < bytes.count && bytes[at] == UInt8(ascii: "\\")
            && bytes[at + 1] == UInt8(ascii: "u")
        {
            at += 2
            let low = try hex4(start)
            if low & 0xFC00 != 0xDC00 { throw DocumentError("half of a surrogate pair stands alone", at: start) }
            value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
        }
        if value == 0 { throw DocumentError("a string must not hold \\u0000", at: start) }
        guard let scalar = Unicode.Scalar(value) else {
            throw DocumentError("half of a surrogate pair stands alone", at: start)
        }
        return scalar
    }

    private mutating func hex4(_ start: Position) throws(DocumentError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = peek
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw DocumentError("\\u must be followed by four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    // MARK: Moving on

    /// The next byte; 0 at the end, which no rule of the grammar takes.
    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private var here: Position { position(at) }

    private func position(_ offset: Int) -> Position { Position(line: line, column: offset - lineStart + 1) }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0D: at += 1
            case 0x0A:
                at += 1
                line += 1
                lineStart = at
            default: return
            }
        }
    }

    private mutating func enter(_ depth: Int) throws(DocumentError) {
        if depth > maxDepth {
            throw DocumentError("more than \(maxDepth) arrays and objects inside one another", at: here)
        }
        at += 1
        skipSpace()
    }

    private mutating func closes(_ byte: UInt8) -> Bool {
        if peek != byte { return false }
        at += 1
        return true
    }

    /// After a member or an element: true at the closing byte, false after a comma.
    private mutating func ends(_ byte: UInt8, _ expected: String) throws(DocumentError) -> Bool {
        skipSpace()
        if closes(byte) { return true }
        if peek != UInt8(ascii: ",") { throw unexpected(expected) }
        at += 1
        skipSpace()
        return false
    }

    private mutating func literal(_ word: StaticString) throws(DocumentError) {
        for offset in 0..<word.utf8CodeUnitCount {
            if peek != word.utf8Start[offset] { throw unexpected("\(word)") }
            at += 1
        }
    }

    private func unexpected(_ expected: String) -> DocumentError {
        if at >= bytes.count { return DocumentError("expected \(expected), but the text ends", at: here) }
        let byte = bytes[at]
        let found = byte > 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
        return DocumentError("expected \(expected), found \(found)", at: here)
    }
}
