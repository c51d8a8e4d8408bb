internal import BoxOCI
internal import BoxSystem

/// The entries of a tar that comes in by a descriptor. What it says of sizes and counts is bounded. One thread only.
struct TarReader {
    private static let mostEntries = 1_000_000
    private static let longestName: UInt64 = 1 << 20
    private let input: CInt
    private var count = 0
    /// Of the entry at hand: bytes not read yet, and those behind them up to the next block.
    private var left: UInt64 = 0
    private var padding = 0

    init(_ input: CInt) { self.input = input }

    /// The next entry, long names put in; nil at the end.
    mutating func next() throws(BoxError) -> TarEntry? {
        var path: String?
        var target: String?
        var records: [String: String] = [:]
        while true {
            try skip()
            guard let block = try block(), !TarHeader.isEnd(block) else { return try drain() }
            count += 1
            if count > Self.mostEntries { throw Self.broken("it has more than \(Self.mostEntries) entries") }
            guard TarHeader.checksumFits(block), let size = TarHeader.number(block[124..<136]) else {
                throw Self.broken("the header of entry \(count) makes no sense")
            }
            switch TarHeader.type(block) {
            case TarHeader.longName: path = try text(size)
            case TarHeader.longTarget: target = try text(size)
            case TarHeader.pax: records = try Self.records(text(size))
            case TarHeader.globalPax: _ = try text(size)
            default:
                guard var entry = TarHeader.entry(block) else {
                    throw Self.broken("entry \(count) is of a type that is not known")
                }
                if let path { entry.path = path }
                if let target { entry.target = target }
                try Self.apply(records, to: &entry)
                left = entry.kind == .file ? entry.size : 0
                padding = TarHeader.padding(left)
                return entry
            }
        }
    }

    private static func apply(_ records: [String: String], to entry: inout TarEntry) throws(BoxError) {
        if let path = records["path"] { entry.path = path }
        if let target = records["linkpath"] { entry.target = target }
        for (key, value) in records {
            switch key {
            case "size", "uid", "gid":
                guard let number = UInt64(value) else { throw broken("\(key) is no number: \(value.prefix(20))") }
                if key == "size", entry.kind == .file { entry.size = number }
                if key == "uid" { entry.uid = UInt32(truncatingIfNeeded: number) }
                if key == "gid" { entry.gid = UInt32(truncatingIfNeeded: number) }
            case "mtime": entry.modified = Int64(value.prefix { $0 != "." }) ?? entry.modified
            default: continue
            }
        }
    }

    private static func records(_ text: String) throws(BoxError) -> [String: String] {
        var found: [String: String] = [:]
        var rest = Array(text.utf8)[...]
        while let space = rest.firstIndex(of: 0x20) {
            guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex,
                length <= rest.count
            else { throw broken("an extended header makes no sense") }
            let record = rest[(space + 1)..<(rest.startIndex + length)].dropLast()
            guard let sign = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw broken("an extended header makes no sense")
            }
            found[String(decoding: record[..<sign], as: UTF8.self)] = String(
                decoding: record[(sign + 1)...], as: UTF8.self)
            rest = rest.dropFirst(length)
        }
        return found
    }

    /// The bytes of the entry at hand; empty at its end.
    mutating func read(atMost count: Int) throws(BoxError) -> [UInt8] {
        if left == 0 { return [] }
        let bytes = try some(Int(min(UInt64(count), left)))
        if bytes.isEmpty { throw Self.broken("it ends in the middle of a file") }
        left -= UInt64(bytes.count)
        return bytes
    }

    private mutating func skip() throws(BoxError) {
        while left > 0 { _ = try read(atMost: 1 << 16) }
        if padding > 0 { _ = try exactly(padding) }
        padding = 0
    }

    private mutating func text(_ size: UInt64) throws(BoxError) -> String {
        if size > Self.longestName { throw Self.broken("a name of \(size) bytes") }
        let bytes = try exactly(Int(size) + TarHeader.padding(size)).prefix(Int(size))
        guard let text = TarHeader.text(bytes) else { throw Self.broken("a name that is not UTF-8") }
        return text
    }

    private func block() throws(BoxError) -> [UInt8]? {
        let first = try some(TarHeader.size)
        if first.isEmpty { return nil }
        return first.count == TarHeader.size ? first : first + (try exactly(TarHeader.size - first.count))
    }

    private func exactly(_ count: Int) throws(BoxError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try some(count - bytes.count)
            if more.isEmpty { throw Self.broken("it ends too early") }
            bytes += more
        }
        return bytes
    }

    private func some(_ count: Int) throws(BoxError) -> [UInt8] {
        try explaining({ BoxError(.kernel, "cannot read the archive", errno: $0) }) { () throws(Errno) in
            try File.readSome(input, atMost: count)
        }
    }

    /// Who writes it may not have come to the end of its padding.
    private func drain() throws(BoxError) -> TarEntry? {
        while try !some(1 << 16).isEmpty {}
        return nil
    }

    static func broken(_ why: String) -> BoxError { BoxError(.invalidSpec, "the archive cannot be read: \(why)") }
}
