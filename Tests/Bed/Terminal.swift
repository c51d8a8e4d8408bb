internal import BoxSystem
internal import CBoxLinux
internal import Glibc
internal import Synchronization

/// A pseudo-terminal whose other end a test gives to a command. For the test's own thread only.
public final class Terminal {
    /// The side of the command, `/dev/pts/N`.
    public let path: String
    /// All that came out so far.
    public private(set) var received = ""
    private let master: Descriptor
    /// Held open, or the master reads EIO before the command has opened its side.
    private let peer: Descriptor

    public init(rows: UInt16 = 24, columns: UInt16 = 80) throws {
        do {
            master = try File.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
            try check(box_pty_unlock(master.raw))
            peer = Descriptor(owning: CInt(try check(box_pty_peer(master.raw, O_RDWR | O_NOCTTY | O_CLOEXEC))))
            path = try File.readLink("/proc/self/fd/\(peer.raw)")
            try check(box_set_terminal_size(master.raw, rows, columns))
        } catch { throw BedError("cannot make a terminal: \(error)") }
    }

    /// What a user types; `"\u{3}"` is Ctrl-C.
    public func type(_ text: String) throws {
        do { try File.write(Array(text.utf8), to: master.raw) } catch { throw BedError("cannot type: \(error)") }
    }

    /// TIOCSWINSZ: the kernel sends SIGWINCH to the foreground group.
    public func resize(rows: UInt16, columns: UInt16) throws {
        do { try check(box_set_terminal_size(master.raw, rows, columns)) } catch {
            throw BedError("cannot resize the terminal: \(error)")
        }
    }

    /// The line settings as stty(1) prints them: equal before and after a run that restored them.
    public func settings() throws -> String {
        var saved = termios()
        guard tcgetattr(peer.raw, &saved) == 0 else { throw BedError("cannot ask \(path) for its settings", errno) }
        return "\(saved.c_iflag) \(saved.c_oflag) \(saved.c_cflag) \(saved.c_lflag)"
    }

    func drain() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = box_read(master.raw, &chunk, chunk.count)
            if count <= 0 { return }
            received += String(decoding: chunk[..<count], as: UTF8.self)
        }
    }
}

private let lastNumber = Atomic<Int>(0)

/// Makes names unique within this process.
func nextNumber() -> Int { lastNumber.add(1, ordering: .relaxed).newValue }
