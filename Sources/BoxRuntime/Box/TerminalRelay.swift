internal import BoxSystem

/// Carries bytes between the caller's standard streams and the pty of a box, and window sizes with them.
///
/// The caller's terminal is raw for that time, so that the box's line discipline is the only one; `restore` undoes it.
struct TerminalRelay {
    private let master: CInt
    private let saved: Terminal.Settings?
    private var toBox: [UInt8] = []
    private var inputOpen = true
    private var outputOpen = true
    private static let input: CInt = 0
    private static let output: CInt = 1
    /// Ctrl-D: what a terminal's reader takes for the end.
    private static let endOfFile: UInt8 = 4

    init(master: CInt) throws(Errno) {
        self.master = master
        saved = Terminal.isTerminal(Self.input) ? try Terminal.makeRaw(Self.input) : nil
        try resize()
    }

    func restore() {
        guard let saved else { return }
        do throws(Errno) {
            try Terminal.restore(Self.input, saved)
        } catch {
            // The terminal is gone: there is nothing to restore it for.
            return
        }
    }

    /// The box's window becomes as large as the caller's.
    func resize() throws(Errno) {
        for descriptor in [Self.output, Self.input] where Terminal.isTerminal(descriptor) {
            let size = try Terminal.size(descriptor)
            return try Terminal.setSize(master, rows: size.rows, columns: size.columns)
        }
    }

    /// What to wait for: output of the box, input while none is pending, room for what is.
    var entries: [Poll.Entry] {
        [
            Poll.Entry(outputOpen ? master : -1),
            Poll.Entry(inputOpen && toBox.isEmpty ? Self.input : -1),
            Poll.Entry(toBox.isEmpty ? -1 : master, write: true),
        ]
    }

    mutating func move(_ entries: ArraySlice<Poll.Entry>) throws(Errno) {
        let entries = Array(entries)
        if entries[0].isReady || entries[0].isHungUp { try readBox() }
        if entries[1].isReady || entries[1].isHungUp {
            let bytes = try read(Self.input)
            if bytes.isEmpty { inputOpen = false }
            toBox += bytes.isEmpty ? [Self.endOfFile] : bytes
        }
        if entries[2].isReady {
            try File.write(toBox, to: master)
            toBox = []
        }
    }

    /// What the box wrote before it ended.
    mutating func drain() throws(Errno) {
        while outputOpen {
            var entries = [Poll.Entry(master)]
            try Poll.wait(&entries, milliseconds: 0)
            if !entries[0].isReady { return }
            try readBox()
        }
    }

    /// EIO is how a pty says that its other side is closed.
    private mutating func readBox() throws(Errno) {
        do throws(Errno) {
            let bytes = try read(master)
            if bytes.isEmpty { outputOpen = false }
            try File.write(bytes, to: Self.output)
        } catch {
            if error != .ioError && error != .brokenPipe { throw error }
            outputOpen = false
        }
    }

    private func read(_ descriptor: CInt) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let result: Result<Int, Errno> = buffer.withUnsafeMutableBytes { bytes in
            do throws(Errno) {
                return .success(try File.read(descriptor, into: bytes))
            } catch {
                return .failure(error)
            }
        }
        return Array(buffer[..<(try result.get())])
    }
}
