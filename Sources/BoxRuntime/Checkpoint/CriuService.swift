internal import BoxOCI
internal import BoxSystem

/// criu as a child of this process that does one thing that it is asked for over a socket (`criu swrk`, criu's rpc.proto).
/// The processes that it restores become children of this process. From a process with one thread.
struct CriuService: ~Copyable {
    private let socket: RecordSocket
    private let process: Descriptor
    let pid: CInt

    /// Where PATH has it; `.unsupported` when it is nowhere.
    static func find() throws(BoxError) -> String {
        let directories = Caller.variable("PATH") ?? defaultPath
        for directory in directories.split(separator: ":") where File.exists("\(directory)/criu") {
            return "\(directory)/criu"
        }
        throw BoxError(
            .unsupported, "checkpoint and restore need the program criu, which is not installed",
            found: "PATH is \(directories)", remedy: "install criu (Debian's package has this name)")
    }

    private static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Starts it with the descriptors `passing` open under their numbers, in a cgroup where one is given. `prepare` is run
    /// in the new process first; its error is thrown here.
    static func start(
        passing: [CInt], into namespaces: Namespaces = [], cgroup: CInt = -1, prepare: () throws(BoxError) -> Void = {}
    ) throws(BoxError) -> CriuService {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot start criu", errno: $0) }
        let path = try find()
        let pair = try explaining(failure) { () throws(Errno) in try RecordSocket.pair() }
        let child = try explaining(failure) { () throws(Errno) in try Processes.clone(into: namespaces, cgroup: cgroup)
        }
        guard let child else { become(path, passing, RecordSocket(owning: pair.1), prepare) }
        _ = Descriptor(owning: pair.1)
        let report = RecordSocket(owning: pair.0)
        let process = Descriptor(owning: child.pidfd)
        let first = try explaining(failure) { () throws(Errno) in try report.receive() }
        // The other end is closed by execve(2).
        let second = try explaining(failure) { () throws(Errno) in try report.receive() }
        if let talk = first.descriptor {
            let socket = RecordSocket(owning: talk)
            if second.bytes.isEmpty { return CriuService(socket: socket, process: process, pid: child.pid) }
        }
        try explaining(failure) { () throws(Errno) in _ = try Processes.wait(for: process.raw) }
        throw FailureRecord(first.descriptor == nil ? first.bytes : second.bytes)?.error
            ?? BoxError(.internal, "criu's process sent what is no failure record")
    }

    /// The socket is made here: criu takes numbers of descriptors for those of the process that made it.
    private static func become(
        _ path: String, _ passing: [CInt], _ report: borrowing RecordSocket, _ prepare: () throws(BoxError) -> Void
    ) -> Never {
        do throws(BoxError) {
            try prepare()
            try explaining({ BoxError(.kernel, "cannot start \(path)", errno: $0) }) { () throws(Errno) in
                let (ours, theirs) = try RecordSocket.pair()
                try report.send([1], descriptor: theirs)
                try SignalDescriptor.restoreDefaults()
                for number in passing + [ours] { try OwnProcess.install(number, as: number) }
                // It runs others: tar, ip, iptables.
                let environment = CStringArray(["PATH=" + (Caller.variable("PATH") ?? defaultPath)])
                try Processes.execute(
                    path, arguments: CStringArray(["criu", "swrk", String(ours)]), environment: environment)
            }
        } catch {
            do throws(Errno) {
                try report.send(FailureRecord(step: 0, error: error).bytes)
            } catch {
                // The runtime is gone; nobody is left to hear of it.
                Processes.exit(1)
            }
        }
        Processes.exit(1)
    }

    /// What criu says in the end, and on its way there.
    struct Answer {
        var succeeded: Bool
        /// Of the restored box.
        var pid: CInt
        var errno: Errno?
        var message: String?
    }

    /// criu_req_type
    enum Order: Int {
        case dump = 1
        case restore = 2
        /// A pre-dump that does not wait for the next one.
        case preDump = 13
    }

    /// criu's notifications, of which some bring a process or a descriptor.
    struct Notice {
        var name: String
        var pid: CInt
        var descriptor: CInt?
    }

    /// Until criu has done it, or has not. What `notified` throws makes criu give up, and is thrown here.
    func request(
        _ order: Order, _ options: WireMessage, notified: (Notice) throws(BoxError) -> Void = { _ in }
    ) throws(BoxError) -> Answer {
        var message = WireMessage()
        message.add(1, order.rawValue)
        message.add(2, options)
        try send(message)
        var problem: BoxError?
        while true {
            let record = try explaining(Self.failure) { () throws(Errno) in try socket.receive() }
            guard !record.bytes.isEmpty, let answer = WireMessage(record.bytes) else {
                throw problem ?? BoxError(.kernel, "criu has died without an answer")
            }
            guard answer.number(1) == Self.notice else {
                if let problem { throw problem }
                return Answer(
                    succeeded: answer.number(2) == 1, pid: CInt(truncatingIfNeeded: answer.message(4)?.number(1) ?? 0),
                    errno: answer.number(7).flatMap { $0 == 0 ? nil : Errno(rawValue: CInt(truncatingIfNeeded: $0)) },
                    message: answer.text(9))
            }
            let details = answer.message(5) ?? WireMessage()
            do throws(BoxError) {
                try notified(
                    Notice(
                        name: details.text(1) ?? "", pid: CInt(truncatingIfNeeded: details.number(2) ?? 0),
                        descriptor: record.descriptor))
            } catch {
                problem = problem ?? error
            }
            var reply = WireMessage()
            reply.add(1, Self.notice)
            reply.add(3, problem == nil)
            try send(reply)
        }
    }

    private static let notice = 6

    private func send(_ message: WireMessage) throws(BoxError) {
        try explaining(Self.failure) { () throws(Errno) in try socket.send(message.encoded) }
    }

    private static func failure(_ errno: Errno) -> BoxError {
        let isGone = errno == .connectionReset || errno == .brokenPipe
        return BoxError(.kernel, isGone ? "criu has died without an answer" : "cannot talk to criu", errno: errno)
    }

    /// Lets it go, and waits until it has ended.
    consuming func end() throws(BoxError) {
        do throws(Errno) {
            try socket.close()
            _ = try Processes.wait(for: process.raw)
        } catch {
            throw BoxError(.kernel, "cannot wait for criu", errno: error)
        }
    }
}
