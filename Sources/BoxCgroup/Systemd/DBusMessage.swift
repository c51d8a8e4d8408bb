/// A value of D-Bus, as far as unit properties need it.
enum DBusValue: Equatable {
    case string(String)
    case bool(Bool)
    case unsigned64(UInt64)
    case unsigned32s([UInt32])

    var signature: String {
        switch self {
        case .string: "s"
        case .bool: "b"
        case .unsigned64: "t"
        case .unsigned32s: "au"
        }
    }
}

/// Bytes in D-Bus's little-endian marshalling (D-Bus specification, Marshaling): everything is aligned to its own size.
struct DBusWriter {
    private(set) var bytes: [UInt8] = []

    mutating func align(_ size: Int) { while bytes.count % size != 0 { bytes.append(0) } }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func unsigned32(_ value: UInt32) {
        align(4)
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func string(_ text: String) {
        unsigned32(UInt32(text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    mutating func signature(_ text: String) { bytes += [UInt8(text.utf8.count)] + Array(text.utf8) + [0] }

    mutating func value(_ value: DBusValue) {
        switch value {
        case .string(let text): string(text)
        case .bool(let flag): unsigned32(flag ? 1 : 0)
        case .unsigned64(let number):
            align(8)
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        case .unsigned32s(let numbers): array(4) { writer in for number in numbers { writer.unsigned32(number) } }
        }
    }

    mutating func variant(_ value: DBusValue) {
        signature(value.signature)
        self.value(value)
    }

    /// The length counts from the first element, behind its alignment.
    mutating func array(_ alignment: Int, _ elements: (inout DBusWriter) -> Void) {
        unsigned32(0)
        let length = bytes.count - 4
        align(alignment)
        let start = bytes.count
        elements(&self)
        withUnsafeBytes(of: UInt32(bytes.count - start).littleEndian) {
            bytes.replaceSubrange(length..<(length + 4), with: $0)
        }
    }
}

/// A method call on an object of the bus.
struct DBusCall {
    var destination: String
    var path: String
    var interface: String
    var member: String
    var signature = ""
    var body: [UInt8] = []

    /// The whole message: header, then body.
    func message(serial: UInt32) -> [UInt8] {
        var writer = DBusWriter()
        // Little-endian, method call, no flags, protocol 1.
        for byte: UInt8 in [UInt8(ascii: "l"), 1, 0, 1] { writer.byte(byte) }
        writer.unsigned32(UInt32(body.count))
        writer.unsigned32(serial)
        writer.array(8) { fields in
            for (code, type, text) in [(1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", destination)] {
                fields.align(8)
                fields.byte(UInt8(code))
                fields.signature(type)
                fields.string(text)
            }
            if signature.isEmpty { return }
            fields.align(8)
            fields.byte(8)
            fields.signature("g")
            fields.signature(signature)
        }
        writer.align(8)
        return writer.bytes + body
    }
}

/// What came back: of a header only what tells an answer from a signal, and an error from both.
struct DBusReply: Equatable {
    static let headerSize = 16
    /// 2 is an answer, 3 an error, 4 a signal.
    var type: UInt8
    var answers: UInt32?
    var errorName: String?
    /// The first value of the body, where it is a string: an error's explanation.
    var text: String?

    /// How many bytes follow the first 16; nil for what is no message of ours, or one beyond all bounds.
    static func rest(of header: [UInt8]) -> Int? {
        guard header.count == headerSize, header[0] == UInt8(ascii: "l") else { return nil }
        let (body, fields) = (number(header, 4), number(header, 12))
        if body > 1 << 20 || fields > 1 << 16 { return nil }
        return (Int(fields) + 7) / 8 * 8 + Int(body)
    }

    /// nil for what breaks the rules.
    init?(header: [UInt8], rest: [UInt8]) {
        guard header.count == Self.headerSize else { return nil }
        type = header[1]
        let end = Int(Self.number(header, 12))
        if end > rest.count { return nil }
        var at = 0
        while at < end {
            // A structure: its code, the signature of a single type, and the value.
            at = (at + 7) / 8 * 8
            guard at + 4 <= end, rest[at + 1] == 1 else { return nil }
            let (code, kind) = (rest[at], rest[at + 2])
            at += 4
            switch kind {
            case UInt8(ascii: "u"):
                if at + 4 > end { return nil }
                if code == 5 { answers = Self.number(rest, at) }
                at += 4
            case UInt8(ascii: "s"), UInt8(ascii: "o"):
                guard let text = Self.string(rest, at) else { return nil }
                if code == 4 { errorName = text }
                at += 5 + text.utf8.count
            case UInt8(ascii: "g"):
                if at >= end { return nil }
                at += 2 + Int(rest[at])
            default: return nil
            }
        }
        text = Self.string(rest, (end + 7) / 8 * 8)
    }

    private static func number(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
    }

    private static func string(_ bytes: [UInt8], _ at: Int) -> String? {
        guard at + 4 <= bytes.count else { return nil }
        let length = Int(number(bytes, at))
        guard length < 1 << 20, at + 5 + length <= bytes.count else { return nil }
        return String(validating: bytes[(at + 4)..<(at + 4 + length)], as: UTF8.self)
    }
}
