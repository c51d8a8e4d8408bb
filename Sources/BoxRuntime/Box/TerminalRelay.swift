internal import BoxOCI
internal import BoxSystem

/// Carries bytes between the caller's standard streams and the pty of a box, and window sizes with them.
///
/// The caller's terminal is raw for that time, so that the box's line discipline is the only one; `restore` undoes it.
/// Nothing here waits: who does not read what comes must not keep the other direction, or a signal, from being served.
struct TerminalRelay {
    private let box: RunningBox
    private let saved: Terminal.Settings?
    private var toBox: ArraySlice<UInt8> = []
    private var fromBox: ArraySlice<UInt8> = []
    private var inputOpen = true
    private var outputOpen = true
    private var lastTyped: UInt8 = newline
    private static let input: CInt = 0
    private static let output: CInt = 1
    private static let newline: UInt8 = 10
    /// Ctrl-D: what a terminal's reader takes for the end, at the beginning of a line; elsewhere it ends the line.
    private static let endOfFile: UInt8 = 4
    /// PIPE_BUF: a pipe that poll(2) calls writable has room for so many bytes.
    private static let chunk = 4096

    /// For a box that has a terminal.
    init(_ box: RunningBox) throws(Errno) {
        self.box = box
        if let master = box.terminal { try File.makeNonBlocking(master) }
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

    /// The size of the caller's window; nil where no terminal has one.
    static func callersSize() throws(Errno) -> ConsoleSize? {
        for descriptor in [output, input] where Terminal.isTerminal(descriptor) {
            let size = try Terminal.size(descriptor)
            return size.rows == 0 ? nil : ConsoleSize(height: size.rows, width: size.columns)
        }
        return nil
    }

    /// The box's window becomes as large as the caller's.
    func resize() throws(Errno) {
        guard let master = box.terminal, let size = try Self.callersSize() else { return }
        try Terminal.setSize(master, rows: size.height, columns: size.width)
    }

    /// What to wait for: output of the box or room for it, input or room for it.
    var entries: [Poll.Entry] {
        let master = box.terminal ?? -1
        return [
            Poll.Entry(outputOpen && fromBox.isEmpty ? master : -1),
            Poll.Entry(inputOpen && toBox.isEmpty ? Self.input : -1),
            Poll.Entry(toBox.isEmpty ? -1 : master, write: true),
            Poll.Entry(fromBox.isEmpty ? -1 : Self.output, write: true),
        ]
    }

    mutating func move(_ entries: ArraySlice<Poll.Entry>) throws(Errno) {
        let ready = entries.map { $0.isReady || $0.isHungUp }
        if ready[0] { try readBox() }
        if ready[1] { try readCaller() }
        if ready[2] { try writeBox() }
        if ready[3] { try writeCaller() }
    }

    /// Whether a box that has ended has nothing left to say.
    func isDrained() throws(Errno) -> Bool {
        if !fromBox.isEmpty { return false }
        guard outputOpen, let master = box.terminal else { return true }
        var entries = [Poll.Entry(master)]
        try Poll.wait(&entries, milliseconds: 0)
        return !entries[0].isReady
    }

    /// EIO is how a pty says that its other side is closed.
    private mutating func readBox() throws(Errno) {
        guard let master = box.terminal else { return }
        do throws(Errno) {
            fromBox = try read(master)
            if fromBox.isEmpty { outputOpen = false }
        } catch {
            if error == .wouldBlock { return }
            if error != .ioError { throw error }
            outputOpen = false
        }
    }

    /// A terminal that has hung up is at its end too.
    private mutating func readCaller() throws(Errno) {
        do throws(Errno) {
            toBox = try read(Self.input)
        } catch {
            if error == .wouldBlock { return }
            if error != .ioError { throw error }
        }
        if toBox.isEmpty {
            inputOpen = false
            toBox = lastTyped == Self.newline ? [Self.endOfFile] : [Self.endOfFile, Self.endOfFile]
        }
        lastTyped = toBox.last ?? lastTyped
    }

    /// Input for a box that has closed its terminal is lost, as it is with any terminal.
    private mutating func writeBox() throws(Errno) {
        guard let master = box.terminal else { return toBox = [] }
        do throws(Errno) {
            toBox = toBox.dropFirst(try File.writeSome(toBox, to: master))
        } catch {
            if error != .ioError { throw error }
            toBox = []
        }
    }

    /// A caller who reads no more has hung up, and the box is told so.
    private mutating func writeCaller() throws(Errno) {
        do throws(Errno) {
            fromBox = fromBox.dropFirst(try File.writeSome(fromBox, to: Self.output))
        } catch {
            if error != .ioError && error != .brokenPipe { throw error }
            fromBox = []
            box.hangUp()
        }
    }

    private func read(_ descriptor: CInt) throws(Errno) -> ArraySlice<UInt8> {
        try File.readSome(descriptor, atMost: Self.chunk)[...]
    }
}
