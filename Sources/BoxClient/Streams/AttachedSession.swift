public import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// Carries bytes between the caller's standard streams and a box, window sizes and signals with them, until the box has
/// nothing more to say or the caller leaves. For one thread; the signals that it takes stay blocked.
public final class AttachedSession {
    public struct Settings {
        /// The box has a terminal: the caller's becomes raw, and `detachKeys` leave it.
        public var isTerminal = false
        /// Standard input goes to the box.
        public var stdin = false
        public var detachKeys: String
        /// Signals that the caller gets are the box's.
        public var proxiesSignals: Bool
        /// A second Ctrl-C becomes SIGKILL: process 1 of a box ignores what it has no handler for.
        public var killsAtSecondInterrupt = false

        /// As flags say it; nil is as usual.
        public init(detachKeys: String? = nil, proxiesSignals: Bool? = nil) {
            self.detachKeys = detachKeys ?? DetachKeys.usual
            self.proxiesSignals = proxiesSignals ?? true
        }
    }

    /// What is attached to.
    public struct Opened {
        public let head: ResponseHead
        let connection: DaemonConnection
        /// Answers when the box has ended.
        public var waiting: DaemonConnection?
        /// The caller's window has another size: rows, columns.
        public var resize: (UInt16, UInt16) throws(BoxError) -> Void = { _, _ in }
        /// A signal for the box.
        public var kill: (CInt) throws(BoxError) -> Void = { _ in }
        /// The daemon's own word, between the box's.
        public var told: (ArraySlice<UInt8>) throws(BoxError) -> Void = { _ in }

        public init(_ opened: (head: ResponseHead, connection: DaemonConnection)) {
            (head, connection) = opened
        }
    }

    public enum End: Sendable {
        /// The box said all it had to say.
        case finished
        /// The caller typed the keys that leave it.
        case detached
        /// Nobody reads what the box says.
        case unread
    }

    private let opened: Opened
    private let settings: Settings
    private var frames: OutputFrames
    private var keys: DetachKeys
    private var toBox: ArraySlice<UInt8> = []
    private var toCaller: [OutputFrames.Frame] = []
    private var inputIsOpen: Bool
    private var end: End?
    private var outputIsOpen = true
    private var interrupts = 0

    private static let input: CInt = 0
    private static let hangup: CInt = 1
    private static let interrupt: CInt = 2
    private static let kill: CInt = 9
    private static let brokenPipe: CInt = 13
    private static let windowChange: CInt = 28
    /// HUP, INT, QUIT, USR1, USR2, TERM
    private static let proxied: [CInt] = [1, 2, 3, 10, 12, 15]
    /// PIPE_BUF: a pipe that poll(2) calls writable has room for so many bytes.
    private static let chunk = 4096

    private init(_ opened: Opened, _ settings: Settings, _ keys: DetachKeys) {
        self.opened = opened
        self.settings = settings
        self.keys = keys
        frames = OutputFrames(opened.head)
        inputIsOpen = settings.stdin
    }

    private var connection: DaemonConnection { opened.connection }

    /// The size of the caller's window; nil where no terminal has one.
    public static func callersSize() throws(BoxError) -> (rows: UInt16, columns: UInt16)? {
        try explaining({ BoxError(.kernel, "cannot tell the size of the terminal", errno: $0) }) { () throws(Errno) in
            for descriptor in [CInt(1), input] where Terminal.isTerminal(descriptor) {
                let size = try Terminal.size(descriptor)
                return size.rows == 0 ? nil : size
            }
            return nil
        }
    }

    /// Takes the caller's signals, opens what is attached to, and stays until its end; where something else is to be
    /// waited for, until that has an answer, too.
    public static func run(_ settings: Settings, _ open: () throws(BoxError) -> Opened) throws(BoxError) -> End {
        let keys = try DetachKeys(settings.detachKeys)
        let signals = try explaining({ BoxError(.kernel, "cannot take signals", errno: $0) }) {
            () throws(Errno) in
            try SignalDescriptor(
                [brokenPipe] + (settings.proxiesSignals ? proxied : []) + (settings.isTerminal ? [windowChange] : []))
        }
        return try AttachedSession(try open(), settings, keys).run(signals)
    }

    private func run(_ signals: borrowing SignalDescriptor) throws(BoxError) -> End {
        try connection.makeNonBlocking()
        let saved = try makeRaw()
        do {
            try carry(signals, opened.waiting)
        } catch {
            restore(saved)
            throw error
        }
        restore(saved)
        return end ?? .finished
    }

    private func makeRaw() throws(BoxError) -> Terminal.Settings? {
        guard settings.isTerminal, settings.stdin, Terminal.isTerminal(Self.input) else { return nil }
        return try explaining({ BoxError(.kernel, "cannot make the terminal raw", errno: $0) }) {
            () throws(Errno) in try Terminal.makeRaw(Self.input)
        }
    }

    private func restore(_ saved: Terminal.Settings?) {
        guard let saved else { return }
        do throws(Errno) {
            try Terminal.restore(Self.input, saved)
        } catch {
            // The terminal is gone: there is nothing to restore it for.
            return
        }
    }

    private func carry(_ signals: borrowing SignalDescriptor, _ waiting: DaemonConnection?) throws(BoxError) {
        while end == nil {
            var entries = [
                Poll.Entry(signals.raw), Poll.Entry(outputIsOpen && toCaller.isEmpty ? connection.raw : -1),
                Poll.Entry(inputIsOpen && outputIsOpen && toBox.isEmpty ? Self.input : -1),
                Poll.Entry(toBox.isEmpty || !outputIsOpen ? -1 : connection.raw, write: true),
                Poll.Entry(toCaller.first?.stream ?? -1, write: true),
                // The end counts once all output is out.
                Poll.Entry(isSilent ? waiting?.raw ?? -1 : -1),
            ]
            if isSilent && waiting?.hasWaiting ?? true { return end = .finished }
            let isWaiting = connection.hasWaiting && outputIsOpen && toCaller.isEmpty
            try explaining({ BoxError(.kernel, "cannot wait for the box", errno: $0) }) { () throws(Errno) in
                try Poll.wait(&entries, milliseconds: isWaiting ? 0 : -1)
            }
            let ready = entries.map { $0.isReady || $0.isHungUp }
            if ready[0] { try pass(signals) }
            if ready[1] || isWaiting { try readBox() }
            if ready[2] { try readCaller() }
            if ready[3] { try writeBox() }
            if ready[4] { try writeCaller() }
            if ready[5] && end == nil { end = .finished }
        }
    }

    private var isSilent: Bool { !outputIsOpen && toCaller.isEmpty }

    private func pass(_ signals: borrowing SignalDescriptor) throws(BoxError) {
        while true {
            let signal = try explaining({ BoxError(.kernel, "cannot read a signal", errno: $0) }) {
                () throws(Errno) in try signals.next()
            }
            guard let signal else { return }
            switch signal {
            case Self.windowChange:
                guard let size = try Self.callersSize() else { break }
                try tolerating { () throws(BoxError) in try opened.resize(size.rows, size.columns) }
            case Self.brokenPipe: break
            default:
                if signal == Self.interrupt { interrupts += 1 }
                let isMeant = settings.killsAtSecondInterrupt && signal == Self.interrupt && interrupts > 1
                try tolerating { () throws(BoxError) in try opened.kill(isMeant ? Self.kill : signal) }
            }
        }
    }

    /// A box that has just ended takes neither signals nor sizes.
    private func tolerating(_ body: () throws(BoxError) -> Void) throws(BoxError) {
        do {
            try body()
        } catch {
            if ![.notFound, .invalidState].contains(error.kind) { throw error }
        }
    }

    private func readBox() throws(BoxError) {
        guard let bytes = try connection.next() else { return outputIsOpen = false }
        for frame in frames.take(bytes) {
            if frame.stream == 3 { try opened.told(frame.bytes) } else { toCaller.append(frame) }
        }
    }

    private func readCaller() throws(BoxError) {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try File.readSome(Self.input, atMost: Self.chunk)
        } catch {
            if error == .wouldBlock { return }
            // A terminal that has hung up is at its end.
            if error != .ioError {
                throw BoxError(.kernel, "cannot read standard input", errno: error)
            }
            bytes = []
        }
        if bytes.isEmpty {
            inputIsOpen = false
            return try connection.finishInput()
        }
        guard settings.isTerminal else { return toBox = bytes[...] }
        let (passed, isDetached) = keys.pass(bytes[...])
        toBox = passed[...]
        if isDetached { end = .detached }
    }

    private func writeBox() throws(BoxError) {
        guard let taken = try connection.write(toBox) else {
            // The box takes no more; what it has said still comes.
            toBox = []
            return inputIsOpen = false
        }
        toBox = toBox.dropFirst(taken)
    }

    private func writeCaller() throws(BoxError) {
        guard let frame = toCaller.first else { return }
        do throws(Errno) {
            let taken = try File.writeSome(frame.bytes.prefix(Self.chunk), to: frame.stream)
            let rest = frame.bytes.dropFirst(taken)
            if rest.isEmpty {
                toCaller.removeFirst()
            } else {
                toCaller[0] = OutputFrames.Frame(stream: frame.stream, bytes: rest)
            }
        } catch {
            if error != .brokenPipe && error != .ioError {
                throw BoxError(.kernel, "cannot write what the box says", errno: error)
            }
            end = .unread
        }
    }
}
