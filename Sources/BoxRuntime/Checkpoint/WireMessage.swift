/// A message in the wire format of Protocol Buffers: as much of it as criu's requests, answers and images need.
/// Numbered fields, each a number or a run of bytes; what a field means is for its reader to know.
package struct WireMessage: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case number(UInt64)
        case bytes([UInt8])
    }

    package private(set) var fields: [(key: Int, value: Value)] = []

    package init() {}

    package static func == (one: WireMessage, other: WireMessage) -> Bool {
        one.fields.count == other.fields.count
            && zip(one.fields, other.fields).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    }

    package mutating func add(_ key: Int, _ number: Int) {
        fields.append((key, .number(UInt64(bitPattern: Int64(number)))))
    }

    /// What is false is left out: it is what every reader takes for it.
    package mutating func add(_ key: Int, _ flag: Bool) { if flag { add(key, 1) } }

    package mutating func add(_ key: Int, _ text: String?) {
        if let text { fields.append((key, .bytes(Array(text.utf8)))) }
    }

    package mutating func add(_ key: Int, _ message: WireMessage) { fields.append((key, .bytes(message.encoded))) }

    package func number(_ key: Int) -> Int? {
        for field in fields where field.key == key {
            if case .number(let number) = field.value { return Int(truncatingIfNeeded: number) }
        }
        return nil
    }

    package func text(_ key: Int) -> String? {
        for field in fields where field.key == key {
            if case .bytes(let bytes) = field.value { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }

    package func message(_ key: Int) -> WireMessage? {
        for field in fields where field.key == key {
            if case .bytes(let bytes) = field.value { return WireMessage(bytes) }
        }
        return nil
    }

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            switch field.value {
            case .number(let number):
                Self.append(UInt64(field.key) << 3, to: &bytes)
                Self.append(number, to: &bytes)
            case .bytes(let run):
                Self.append(UInt64(field.key) << 3 | 2, to: &bytes)
                Self.append(UInt64(run.count), to: &bytes)
                bytes += run
            }
        }
        return bytes
    }

    /// Seven bits a byte, the lowest first.
    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// nil when the bytes are no message.
    package init?(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            guard let head = Self.takeNumber(&rest), head >> 3 > 0, head >> 3 < 1 << 29 else { return nil }
            let key = Int(head >> 3)
            switch head & 7 {
            case 0:
                guard let number = Self.takeNumber(&rest) else { return nil }
                fields.append((key, .number(number)))
            case 2:
                guard let count = Self.takeNumber(&rest), count <= UInt64(rest.count) else { return nil }
                fields.append((key, .bytes(Array(rest.prefix(Int(count))))))
                rest = rest.dropFirst(Int(count))
            case let width where width == 1 || width == 5:
                let count = width == 1 ? 8 : 4
                if rest.count < count { return nil }
                let number = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                fields.append((key, .number(number)))
                rest = rest.dropFirst(count)
            default: return nil
            }
        }
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return number }
        }
        return nil
    }
}
