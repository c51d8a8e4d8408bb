/// The status line and the header fields of an answer (RFC 9112, sections 4 and 5).
public struct ResponseHead: Equatable, Sendable {
    public let status: Int
    /// Names in lower case, in the order of the text.
    public let fields: [Field]

    public struct Field: Equatable, Sendable {
        public let name: String
        public let value: String
    }

    /// At most so many bytes are waited for.
    static let limit = 64 << 10

    /// The first value of a field.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// nil where this is no answer of HTTP/1.
    init?(_ bytes: ArraySlice<UInt8>) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
        else { return nil }
        self.status = status
        var fields: [Field] = []
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingBlanks
            fields.append(Field(name: line[..<colon].lowercased(), value: String(value)))
        }
        self.fields = fields
    }

    /// Where the head ends in what was read so far, behind its empty line; nil where it goes on.
    static func end(in bytes: [UInt8]) -> Int? {
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                return index + 4
            }
            index += 1
        }
        return nil
    }
}

extension Substring {
    var trimmingBlanks: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
