internal import CBoxLinux

/// Terminals and pseudo-terminals (tty_ioctl(4), pts(4)).
public enum Terminal {
    /// isatty(3).
    public static func isTerminal(_ descriptor: CInt) -> Bool { box_isatty(descriptor) == 1 }

    /// TIOCGWINSZ.
    public static func size(_ descriptor: CInt) throws(Errno) -> (rows: UInt16, columns: UInt16) {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        try check(box_terminal_size(descriptor, &rows, &columns))
        return (rows, columns)
    }

    /// TIOCSWINSZ.
    public static func setSize(_ descriptor: CInt, rows: UInt16, columns: UInt16) throws(Errno) {
        try check(box_set_terminal_size(descriptor, rows, columns))
    }

    /// The settings that `makeRaw` replaced.
    public struct Settings: Sendable {
        var bytes = [UInt8](repeating: 0, count: 60)
    }

    /// cfmakeraw(3) and tcsetattr(3).
    public static func makeRaw(_ descriptor: CInt) throws(Errno) -> Settings {
        var saved = Settings()
        try check(box_terminal_raw(descriptor, &saved.bytes))
        return saved
    }

    /// tcsetattr(3) with what `makeRaw` replaced.
    public static func restore(_ descriptor: CInt, _ settings: Settings) throws(Errno) {
        try check(box_terminal_restore(descriptor, settings.bytes))
    }

    /// Unlocks the slave of a master (TIOCSPTLCK) and opens it without a path (TIOCGPTPEER).
    public static func openPeer(of master: CInt) throws(Errno) -> Descriptor {
        try check(box_pty_unlock(master))
        let flags = FileFlags.readWrite | FileFlags.noControllingTerminal | FileFlags.closeOnExec
        return Descriptor(owning: CInt(try check(box_pty_peer(master, flags))))
    }

    /// setpgid(2) and tcsetpgrp(3): the caller gets a process group of its own, which the terminal's keys signal.
    public static func takeForeground(_ descriptor: CInt) throws(Errno) { try check(box_take_foreground(descriptor)) }

    /// Turns ONLCR off: a line feed comes out as it went in.
    public static func keepNewlines(_ descriptor: CInt) throws(Errno) {
        try check(box_terminal_plain_newlines(descriptor))
    }

    /// TIOCSCTTY: the caller's session gets this terminal.
    public static func takeControl(_ descriptor: CInt) throws(Errno) {
        try check(box_set_controlling_terminal(descriptor))
    }
}
