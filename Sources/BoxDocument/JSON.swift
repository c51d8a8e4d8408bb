/// JSON as RFC 8259 has it, nothing added: no comments, no trailing commas, no byte order mark.
/// Beyond the RFC, a key may stand only once in an object, and no string holds NUL (no C string could).
/// Pure functions, safe on any thread.
public enum JSON {
    /// - Parameters:
    ///   - maxDepth: arrays and objects inside one another; the reader recurses, so keep it in the hundreds
    ///   - maxBytes: of the whole text
    ///   - maxValues: in the whole text; each takes some fifty bytes of memory, however short it is written
    public static func parse(
        _ bytes: [UInt8], maxDepth: Int = 64, maxBytes: Int = 16 << 20, maxValues: Int = 250_000
    ) throws(DocumentError) -> Node {
        try parse(bytes, maxDepth: maxDepth, maxBytes: maxBytes, maxValues: maxValues, omitting: []).document
    }

    /// The same without the object or array to which these keys lead, from the outermost on: it is not in the document, and
    /// of its text only strings and brackets are looked at. `omitted` is where that text stands.
    public static func parse(
        _ bytes: [UInt8], maxDepth: Int = 64, maxBytes: Int = 16 << 20, maxValues: Int = 250_000,
        omitting keys: [String]
    ) throws(DocumentError) -> (document: Node, omitted: Range<Int>?) {
        if bytes.count > maxBytes {
            throw DocumentError("the text is longer than \(maxBytes) bytes", at: Position(line: 1, column: 1))
        }
        return try bytes.withUnsafeBufferPointer {
            (buffer) throws(DocumentError) -> (document: Node, omitted: Range<Int>?) in
            var reader = JSONReader(bytes: buffer, maxDepth: maxDepth, maxValues: maxValues, omitted: keys)
            let document = try reader.document()
            return (document, reader.passedOver)
        }
    }

    /// Compact, or with two spaces a level. A number that JSON cannot write (infinite, NaN) becomes null.
    public static func write(_ node: Node, pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.write(node, level: 0)
        return writer.bytes
    }

    /// A foreign text for a message: in quotes, control characters escaped, at most 60 characters.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars.prefix(60) {
            switch scalar.value {
            case 0x22, 0x5C: result += "\\\(scalar)"
            case 0..<0x20, 0x7F..<0xA0, 0x2028..<0x202F, 0x2066..<0x206A: result += "\\u" + hex4(scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + (text.unicodeScalars.count > 60 ? "…\"" : "\"")
    }

    static func hex4(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
