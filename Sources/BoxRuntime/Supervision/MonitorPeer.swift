internal import BoxSystem

/// Somebody connected to the control socket. One thread only.
final class MonitorPeer {
    /// More than that waiting, and who does not read is disconnected: nobody is waited for.
    static let mostWaiting = 1 << 20
    let socket: CInt
    private var received: [UInt8] = []
    private var waiting: [UInt8] = []
    private var sent = 0
    private(set) var isOpen = true
    /// Nothing follows what waits.
    private var isFinished = false
    var isWatcher = false
    var hasInput = false
    var hasOutput = false
    var hasErrors = false
    /// Input that came in one piece with what was before it, when there was no box yet.
    var early: [MonitorFrame] = []

    init(_ socket: CInt) throws(Errno) {
        self.socket = socket
        try File.makeNonBlocking(socket)
    }

    deinit { _ = Descriptor(owning: socket) }

    var wantsToSend: Bool { isOpen && sent < waiting.count }

    /// Puts bytes on their way; what does not fit waits.
    func send(_ bytes: [UInt8]) {
        if !isOpen || isFinished { return }
        waiting.append(contentsOf: bytes)
        flush()
        if waiting.count - sent > Self.mostWaiting { close() }
    }

    func flush() {
        do throws(Errno) {
            while sent < waiting.count {
                let count = try File.writeSome(waiting[sent...], to: socket)
                if count == 0 { break }
                sent += count
            }
        } catch {
            close()
        }
        if sent == waiting.count || sent > 1 << 16 {
            waiting.removeFirst(sent)
            sent = 0
        }
        if isFinished && waiting.isEmpty { close() }
    }

    /// The end, behind all that waits.
    func finish() {
        isFinished = true
        flush()
    }

    func close() { isOpen = false }

    /// The frames that have arrived whole; closes at the connection's end.
    func receive() -> [MonitorFrame] {
        var frames: [MonitorFrame] = []
        do throws(Errno) {
            let bytes = try File.readSome(socket, atMost: MonitorFrame.largest)
            if bytes.isEmpty { close() }
            received.append(contentsOf: bytes)
            while let frame = try MonitorFrame.take(&received) { frames.append(frame) }
        } catch {
            if error != .wouldBlock && error != .resourceTemporarilyUnavailable { close() }
        }
        return frames
    }
}
