internal import CBoxLinux
internal import Glibc

/// A file whose changes the kernel announces (cgroup.events, PSI triggers). Not to be used from two threads at once.
public struct WatchedFile: ~Copyable {
    private let descriptor: Descriptor

    /// openat(2).
    public init(_ path: String, at directory: CInt) throws(Errno) {
        descriptor = try File.open(path, FileFlags.readOnly, at: directory)
    }

    /// The whole of it, from the start; later changes count from here.
    public borrowing func contents() throws(Errno) -> [UInt8] {
        try check(box_lseek(descriptor.raw, 0, SEEK_SET))
        return try File.readAll(descriptor.raw)
    }

    /// poll(2) for POLLPRI: until it has changed since `contents`. False after the time, or on a signal.
    public borrowing func waitForChange(milliseconds: Int) throws(Errno) -> Bool {
        var entry = box_poll()
        entry.fd = descriptor.raw
        entry.events = Int16(POLLPRI)
        let result = box_poll(&entry, 1, CInt(clamping: milliseconds))
        if result == -Int(Errno.interrupted.rawValue) { return false }
        return try check(result) > 0
    }
}
