internal import BoxOCI

/// The records of a pax extended header: `LENGTH KEY=VALUE\n` one after the other.
struct TarRecords {
    static let attributePrefix = "SCHILY.xattr."
    private var values: [String: [UInt8]] = [:]

    init() {}

    init(_ bytes: [UInt8]) throws(BoxError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: 0x20), let length = Self.decimal(rest[..<space]),
                length > UInt64(space - rest.startIndex), length <= UInt64(rest.count),
                rest[rest.startIndex + Int(length) - 1] == UInt8(ascii: "\n")
            else { throw Self.broken }
            let record = rest[(space + 1)..<(rest.startIndex + Int(length))].dropLast()
            guard let sign = record.firstIndex(of: UInt8(ascii: "=")),
                let key = String(validating: record[..<sign], as: UTF8.self)
            else { throw Self.broken }
            values[key] = Array(record[(sign + 1)...])
            rest = rest.dropFirst(Int(length))
        }
    }

    /// - Throws: for what would be unpacked as something else
    func apply(to entry: inout TarMember) throws(BoxError) {
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            if key.hasPrefix(Self.attributePrefix) {
                entry.attributes[String(key.dropFirst(Self.attributePrefix.count))] = value
            } else if key.hasPrefix("GNU.sparse.") {
                throw TarReader.broken("it holds a sparse file; pack it without --sparse")
            } else if !value.isEmpty {
                try apply(key, value, to: &entry)
            }
        }
    }

    private func apply(_ key: String, _ value: [UInt8], to entry: inout TarMember) throws(BoxError) {
        switch key {
        case "path": entry.path = try Self.name(value)
        case "linkpath": entry.target = try Self.name(value)
        case "size":
            let size = try Self.number(key, value)
            if entry.kind == .file { entry.size = size }
        case "uid", "gid":
            guard let id = TarHeader.id(try Self.number(key, value)) else {
                throw TarReader.broken("\(key) is out of range")
            }
            if key == "uid" { entry.uid = id } else { entry.gid = id }
        case "mtime":
            // A fraction is left out.
            let text = String(decoding: value.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
            guard let time = Int64(text) else { throw TarReader.broken("mtime is no number") }
            entry.modified = time
        default: return
        }
    }

    private static func name(_ value: [UInt8]) throws(BoxError) -> String {
        guard let name = String(validating: value, as: UTF8.self) else {
            throw TarReader.broken("a name that is not UTF-8")
        }
        return name
    }

    private static func number(_ key: String, _ value: [UInt8]) throws(BoxError) -> UInt64 {
        guard let number = decimal(value[...]) else { throw TarReader.broken("\(key) is no number") }
        return number
    }

    /// Digits alone.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        if digits.isEmpty || digits.count > 18 { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return value
    }

    private static var broken: BoxError { TarReader.broken("an extended header makes no sense") }
}
