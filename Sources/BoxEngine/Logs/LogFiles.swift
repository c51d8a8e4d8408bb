internal import BoxSystem

/// The files of a box's log, as the monitor rotates them: log.json is written, log.json.1 is the one before it.
/// One that is open stays readable under whatever name. For one task at a time.
struct LogFiles: ~Copyable {
    private let path: String
    private var file: CInt = -1
    private var inode: UInt64 = 0
    private var rest: [UInt8] = []
    private var taken = 0

    init(_ path: String) { self.path = path }

    deinit { if file >= 0 { _ = Descriptor(owning: file) } }

    private func name(_ index: Int) -> String { index == 0 ? path : "\(path).\(index)" }

    /// How many there are.
    private var count: Int {
        var index = 0
        while File.exists(name(index)) { index += 1 }
        return index
    }

    /// To the first line of all there is.
    mutating func rewind() throws(Errno) {
        let count = count
        if count > 0 { try open(count - 1) }
    }

    /// To the line so many before the end; of those that `counts` lets count.
    mutating func rewind(lines: Int, _ counts: (ArraySlice<UInt8>) -> Bool) throws(Errno) {
        var missing = lines
        let count = count
        for index in 0..<count {
            let bytes = try File.contents(of: name(index), limit: .max)
            let found = Self.start(of: missing, in: bytes, counts)
            missing -= found.lines
            if missing == 0 || index == count - 1 {
                try open(index)
                if lines == 0 { try skipAll() } else { try skip(found.offset) }
                return
            }
        }
    }

    private static func start(
        of lines: Int, in bytes: [UInt8], _ counts: (ArraySlice<UInt8>) -> Bool
    ) -> (offset: Int, lines: Int) {
        var found = 0
        var end = bytes.count
        while found < lines && end > 0 {
            let start = bytes[..<(end - 1)].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            if counts(bytes[start..<end]) { found += 1 }
            end = start
        }
        return (end, found)
    }

    private mutating func open(_ index: Int) throws(Errno) {
        let next = try File.open(name(index), FileFlags.readOnly)
        inode = try File.status(at: next.raw).inode
        if file >= 0 { _ = Descriptor(owning: file) }
        file = next.release()
        rest = []
        taken = 0
    }

    private mutating func skip(_ bytes: Int) throws(Errno) {
        var left = bytes
        while left > 0 {
            let some = try File.readSome(file, atMost: min(left, 1 << 16))
            if some.isEmpty { return }
            left -= some.count
        }
    }

    private mutating func skipAll() throws(Errno) { try skip(.max) }

    /// The next whole line without its end; nil when there is none yet.
    mutating func nextLine() throws(Errno) -> ArraySlice<UInt8>? {
        if file < 0 {
            if !File.exists(path) { return nil }
            try rewind()
            if file < 0 { return nil }
        }
        while true {
            if let end = rest[taken...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[taken..<end]
                taken = end + 1
                return line
            }
            let more = try File.readSome(file, atMost: 1 << 16)
            if more.isEmpty {
                guard try openNewer() else { return nil }
                continue
            }
            rest.removeFirst(taken)
            taken = 0
            rest.append(contentsOf: more)
        }
    }

    /// The file after the one that is open; false when that is the one that is written.
    private mutating func openNewer() throws(Errno) -> Bool {
        let count = count
        for index in 0..<count {
            // Between the two looks it may have been rotated: then the next look finds it.
            do throws(Errno) {
                if try File.status(name(index)).inode != inode { continue }
            } catch {
                if error == .noSuchFileOrDirectory { return false }
                throw error
            }
            if index == 0 { return false }
            try open(index - 1)
            return true
        }
        // Rotated away altogether: what is left begins with the oldest.
        if count == 0 { return false }
        try open(count - 1)
        return true
    }
}
