public import BoxOCI
internal import BoxSystem

/// How large an archive may be that is unpacked.
public struct ArchiveLimit: Sendable {
    /// Of the whole archive, headers, padding and what stands behind its end included.
    public var bytes: UInt64 = .max
    public var entries = 1_000_000

    public init() {}
}

/// The entries of a tar. What it says of sizes and counts is bounded, and so is what is read of it. One thread only.
public struct TarReader {
    private static let longestName: UInt64 = 1 << 20
    private enum Source {
        case descriptor(CInt)
        case bytes(ArraySlice<UInt8>)
    }

    private var source: Source
    private let limit: ArchiveLimit
    private var taken: UInt64 = 0
    private var count = 0
    /// Of the entry at hand: bytes not read yet, and those behind them up to the next block.
    private var left: UInt64 = 0
    private var padding = 0
    /// What is left belongs to a directory, as archives from before POSIX have them: nobody's data.
    private var isPassedOver = false

    /// `input` stays the caller's.
    init(_ input: CInt, limit: ArchiveLimit) {
        source = .descriptor(input)
        self.limit = limit
    }

    public init(bytes: [UInt8]) {
        source = .bytes(bytes[...])
        limit = ArchiveLimit()
    }

    /// The next entry, long names put in; nil at the end, when all was read that comes.
    public mutating func next() throws(BoxError) -> TarMember? {
        var path: String?
        var target: String?
        var records = TarRecords()
        while true {
            try skip()
            guard let block = try block(), !TarHeader.isEnd(block) else { return try drain() }
            count += 1
            if count > limit.entries {
                throw BoxError(
                    .invalidSpec, "the archive has more than \(limit.entries) entries",
                    remedy: "a larger limits.archive_entries in swiftboxd.yaml")
            }
            guard TarHeader.checksumFits(block), let size = TarHeader.number(block[124..<136]) else {
                throw Self.broken("the header of entry \(count) makes no sense")
            }
            switch TarHeader.type(block) {
            case TarHeader.longName: path = try name(size)
            case TarHeader.longTarget: target = try name(size)
            case TarHeader.pax: records = try TarRecords(described(size))
            // Comments, of `git archive` for one.
            case TarHeader.globalPax: _ = try described(size)
            case TarHeader.sparse: throw Self.broken("it holds a sparse file; pack it without --sparse")
            default:
                guard var entry = TarHeader.entry(block) else {
                    throw Self.broken("the header of entry \(count) makes no sense, or is of a type that is not known")
                }
                if let path { entry.path = path }
                if let target { entry.target = target }
                try records.apply(to: &entry)
                left = entry.size
                padding = TarHeader.padding(left)
                isPassedOver = entry.kind == .file && entry.path.hasSuffix("/")
                if isPassedOver { (entry.kind, entry.size) = (.directory, 0) }
                return entry
            }
        }
    }

    /// The bytes of the entry at hand; empty at its end.
    public mutating func read(atMost count: Int) throws(BoxError) -> [UInt8] {
        left == 0 || isPassedOver ? [] : try data(atMost: count)
    }

    private mutating func data(atMost count: Int) throws(BoxError) -> [UInt8] {
        let bytes = try some(Int(min(UInt64(count), left)))
        if bytes.isEmpty { throw Self.broken("it ends in the middle of a file") }
        left -= UInt64(bytes.count)
        return bytes
    }

    private mutating func skip() throws(BoxError) {
        while left > 0 { _ = try data(atMost: 1 << 16) }
        if padding > 0 { _ = try exactly(padding) }
        padding = 0
    }

    /// The data of an entry that describes another.
    private mutating func described(_ size: UInt64) throws(BoxError) -> [UInt8] {
        if size > Self.longestName { throw Self.broken("entry \(count) describes another by \(size) bytes") }
        return Array(try exactly(Int(size) + TarHeader.padding(size)).prefix(Int(size)))
    }

    private mutating func name(_ size: UInt64) throws(BoxError) -> String {
        guard let text = TarHeader.text(try described(size)[...]) else { throw Self.broken("a name that is not UTF-8") }
        return text
    }

    private mutating func block() throws(BoxError) -> [UInt8]? {
        let first = try some(TarHeader.size)
        if first.isEmpty { return nil }
        return first.count == TarHeader.size ? first : first + (try exactly(TarHeader.size - first.count))
    }

    private mutating func exactly(_ count: Int) throws(BoxError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try some(count - bytes.count)
            if more.isEmpty { throw Self.broken("it ends too early") }
            bytes += more
        }
        return bytes
    }

    private mutating func some(_ count: Int) throws(BoxError) -> [UInt8] {
        let bytes: [UInt8]
        switch source {
        case .bytes(let rest):
            bytes = Array(rest.prefix(count))
            source = .bytes(rest.dropFirst(count))
        case .descriptor(let input):
            bytes = try explaining({ BoxError(.kernel, "cannot read the archive", errno: $0) }) { () throws(Errno) in
                try File.readSome(input, atMost: count)
            }
        }
        taken += UInt64(bytes.count)
        if taken > limit.bytes {
            throw BoxError(
                .invalidSpec, "the archive is longer than \(limit.bytes) bytes",
                remedy: "a larger limits.archive_size in swiftboxd.yaml")
        }
        return bytes
    }

    /// Who writes it may not have come to the end of its padding.
    private mutating func drain() throws(BoxError) -> TarMember? {
        while try !some(1 << 16).isEmpty {}
        return nil
    }

    static func broken(_ why: String) -> BoxError { BoxError(.invalidSpec, "the archive cannot be read: \(why)") }
}

extension TarMember {
    /// Its header as it stands in an archive.
    public var header: [UInt8] { TarHeader.bytes(self) }
}
