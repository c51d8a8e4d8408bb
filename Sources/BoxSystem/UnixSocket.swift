internal import CBoxLinux

/// Unix sockets by path (unix(7)). Every call is thread-safe; every descriptor made is close-on-exec.
public enum UnixSocket {
    public enum Kind: CInt, Sendable { case stream = 1, datagram = 2, records = 5 }

    /// socket(2) and connect(2).
    public static func connect(_ path: String, _ kind: Kind) throws(Errno) -> Descriptor {
        try named(path) { (short) throws(Errno) in
            Descriptor(owning: CInt(try checkRetrying { box_unix_connect(short, kind.rawValue) }))
        }
    }

    /// socket(2), bind(2) and listen(2) for one caller.
    public static func listen(_ path: String, _ kind: Kind) throws(Errno) -> Descriptor {
        try named(path) { (short) throws(Errno) in
            Descriptor(owning: CInt(try check(box_unix_listen(short, kind.rawValue))))
        }
    }

    /// accept4(2); blocks.
    public static func accept(_ listener: CInt) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try checkRetrying { box_accept(listener) }))
    }

    /// sendmsg(2) with SCM_RIGHTS: bytes, and a descriptor beside them. How many bytes were taken, of a stream.
    @discardableResult
    public static func send(_ bytes: [UInt8], descriptor: CInt, to socket: CInt) throws(Errno) -> Int {
        try checkRetrying { box_send_record(socket, bytes, bytes.count, descriptor) }
    }

    /// sendmsg(2) with MSG_NOSIGNAL: how many bytes were taken; 0 where a non-blocking socket has no room. EPIPE where
    /// nobody reads any more.
    public static func sendSome(_ bytes: ArraySlice<UInt8>, to socket: CInt) throws(Errno) -> Int {
        let result = bytes.withUnsafeBytes { bytes in
            while true {
                let result = box_send_record(socket, bytes.baseAddress, bytes.count, -1)
                if result != -Int(Errno.interrupted.rawValue) { return result }
            }
        }
        return result == -Int(Errno.wouldBlock.rawValue) ? 0 : try check(result)
    }

    /// shutdown(2) with SHUT_WR: the other end reads the end of what was sent.
    public static func finishSending(_ socket: CInt) throws(Errno) { try check(box_shutdown_write(socket)) }

    /// An address holds 107 bytes; a path below a directory's descriptor is short whatever the directory's own.
    private static func named(
        _ path: String, _ body: (String) throws(Errno) -> Descriptor
    ) throws(Errno) -> Descriptor {
        let (directory, name) = File.split(path)
        let parent = try File.open(directory.isEmpty ? "/" : directory, FileFlags.path | FileFlags.directory)
        return try body("/proc/self/fd/\(parent.raw)/\(name)")
    }
}
