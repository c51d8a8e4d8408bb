internal import CBoxLinux

/// One end of a pair of connected sockets that keep records apart (SOCK_SEQPACKET).
public struct RecordSocket: ~Copyable {
    let descriptor: Descriptor

    /// socketpair(2): two numbers, each to be taken over by `init(owning:)`.
    public static func pair() throws(Errno) -> (CInt, CInt) {
        var raw: [CInt] = [-1, -1]
        try check(box_socketpair_seqpacket(&raw))
        return (raw[0], raw[1])
    }

    public init(owning raw: CInt) { descriptor = Descriptor(owning: raw) }

    public var raw: CInt { descriptor.raw }

    /// The number, to be taken over by another `init(owning:)`.
    public consuming func release() -> CInt { descriptor.release() }

    /// sendmsg(2); a descriptor travels beside the bytes (SCM_RIGHTS) when one is given.
    public borrowing func send(_ bytes: [UInt8], descriptor: CInt = -1) throws(Errno) {
        let raw = self.descriptor.raw
        try checkRetrying { box_send_record(raw, bytes, bytes.count, descriptor) }
    }

    /// write(2) of one record: the call that any seccomp filter is likely to allow. SIGPIPE as the caller has it.
    public borrowing func write(_ bytes: [UInt8]) throws(Errno) {
        let raw = self.descriptor.raw
        try checkRetrying { box_write(raw, bytes, bytes.count) }
    }

    /// recvmsg(2), up to 4,096 bytes; empty when the other end is closed. The caller owns the descriptor.
    public borrowing func receive() throws(Errno) -> (bytes: [UInt8], descriptor: CInt?) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var received: CInt = -1
        let raw = self.descriptor.raw
        let count = try checkRetrying { box_receive_record(raw, &buffer, buffer.count, &received) }
        return (Array(buffer[..<count]), received < 0 ? nil : received)
    }

    /// close(2).
    public consuming func close() throws(Errno) {
        try descriptor.close()
    }
}

/// Signals as a descriptor (signalfd(2)): blocked for the process, read one by one.
public struct SignalDescriptor: ~Copyable {
    let descriptor: Descriptor

    /// Those that the caller ignores stay ignored (nohup(1), a shell's background jobs); but not SIGCHLD, for then the
    /// kernel would forget how children ended.
    public init(_ signals: [CInt]) throws(Errno) {
        if signals.contains(17) { box_default_signal(17) }
        let mask = signals.reduce(UInt64(0)) { box_signal_is_ignored($1) == 1 ? $0 : $0 | 1 << UInt64($1 - 1) }
        try check(box_block_signals(mask))
        descriptor = Descriptor(owning: CInt(try check(box_signalfd(mask))))
    }

    public var raw: CInt { descriptor.raw }

    /// The next pending signal, or nil.
    public borrowing func next() throws(Errno) -> CInt? {
        var sender: CInt = 0
        let result = box_read_signal(descriptor.raw, &sender)
        if result == -Int(Errno.wouldBlock.rawValue) { return nil }
        return CInt(try check(result))
    }

    /// Default actions for all signals, whatever the caller's were; what is blocked stays so.
    public static func forgetActions() { box_default_signals() }

    /// Default actions for all signals and none blocked: what execve(2) should hand over.
    public static func restoreDefaults() throws(Errno) {
        forgetActions()
        try unblock()
    }

    /// None blocked.
    public static func unblock() throws(Errno) { try check(box_unblock_signals()) }
}

/// poll(2) over a few descriptors.
public enum Poll {
    /// One descriptor to wait for, and what poll(2) said of it.
    public struct Entry: Sendable {
        public var descriptor: CInt
        public var wantsWrite: Bool
        /// A change of a kernel file (POLLPRI), such as cgroup.events, since it was last read.
        public var wantsChange = false
        public internal(set) var isReady = false
        public internal(set) var isHungUp = false

        public init(_ descriptor: CInt, write: Bool = false) {
            self.descriptor = descriptor
            wantsWrite = write
        }

        public init(changeOf descriptor: CInt) {
            self.init(descriptor)
            wantsChange = true
        }
    }

    /// Whether the other end is closed; does not wait. One descriptor takes no arrays, whose types cost time to make.
    public static func isHungUp(_ descriptor: CInt) throws(Errno) -> Bool {
        var one = box_poll()
        one.fd = descriptor
        try checkRetrying { box_poll(&one, 1, 0) }
        return Int(one.revents) & box_poll_hangup() != 0
    }

    /// Waits until one is ready; milliseconds, -1 waits for ever. A negative descriptor is passed over.
    public static func wait(_ entries: inout [Entry], milliseconds: CInt = -1) throws(Errno) {
        var raw = entries.map { entry in
            var one = box_poll()
            one.fd = entry.descriptor
            one.events = Int16(
                entry.wantsChange ? box_poll_priority() : entry.wantsWrite ? box_poll_out() : box_poll_in())
            return one
        }
        let result = box_poll(&raw, raw.count, milliseconds)
        if result != -Int(Errno.interrupted.rawValue) { try check(result) }
        for index in entries.indices {
            let got = result < 0 ? 0 : Int(raw[index].revents)
            entries[index].isReady = got & Int(raw[index].events) != 0
            entries[index].isHungUp = got & box_poll_hangup() != 0
        }
    }
}
