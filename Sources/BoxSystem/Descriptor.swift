internal import CBoxLinux

/// An open file descriptor with one owner. `close()` ends it; one that goes out of scope on an
/// error path is closed too. Not to be used from two threads at once.
public struct Descriptor: ~Copyable {
    /// The number, for calls that borrow it. Valid as long as this value lives.
    public let raw: CInt

    /// Takes ownership of `raw`.
    public init(owning raw: CInt) { self.raw = raw }

    deinit {
        // Nobody is left to hear of an error; Linux releases the number whatever close(2) says.
        _ = box_close(raw)
    }

    /// close(2).
    public consuming func close() throws(Errno) {
        let raw = self.raw
        discard self
        try check(box_close(raw))
    }

    /// Gives the number to a caller who closes it.
    public consuming func release() -> CInt {
        let raw = self.raw
        discard self
        return raw
    }

    /// A second descriptor for the same open file, close-on-exec (F_DUPFD_CLOEXEC).
    public borrowing func duplicate() throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_fcntl(raw, FileFlags.fDupFdCloexec, 3))))
    }
}
