struct JSONWriter {
    let pretty: Bool
    private(set) var bytes: [UInt8] = []

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ node: Node, level: Int) {
        switch node.value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .unsigned(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value): bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): write(value)
        case .array(let elements):
            write(elements, between: "[", "]", level: level) { $0.write($1, level: level + 1) }
        case .object(let members):
            write(members, between: "{", "}", level: level) {
                $0.write($1.key)
                $0.bytes.append(UInt8(ascii: ":"))
                if $0.pretty { $0.bytes.append(UInt8(ascii: " ")) }
                $0.write($1.node, level: level + 1)
            }
        }
    }

    private mutating func write<T>(
        _ items: [T], between open: Unicode.Scalar, _ close: Unicode.Scalar, level: Int,
        _ item: (inout JSONWriter, T) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        for (index, one) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(level + 1)
            item(&self, one)
        }
        if !items.isEmpty { newLine(level) }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func newLine(_ level: Int) {
        if !pretty { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    private mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { buffer in
            var written = 0
            var at = buffer.firstSpecial(from: 0)
            while at < buffer.count {
                if buffer[at] < 0x80 {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[written..<at]))
                    escape(buffer[at])
                    written = at + 1
                }
                at = buffer.firstSpecial(from: at + 1)
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[written...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default: bytes.append(contentsOf: ("u" + JSON.hex4(UInt32(byte))).utf8)
        }
    }
}
