internal import BoxOCI
internal import BoxSystem

/// `--init`: process 1 of the box. It starts the workload as its child, hands it every signal that it gets itself,
/// reaps whatever is orphaned, and ends as the workload ends.
enum BoxInit {
    /// Returns in the workload's process only; process 1 stays inside and never comes back.
    /// Signals are blocked already, since the runtime waits for them too: none is lost between the fork and here.
    /// On a terminal the workload is in the foreground alone: what a key means is not sent to it a second time from here.
    static func stay(onTerminal: Bool) throws(BoxError) {
        let child = try explaining({ BoxError(.kernel, "cannot start the workload", errno: $0) }) {
            () throws(Errno) in try Processes.fork()
        }
        guard let child else {
            return try explaining({ BoxError(.kernel, "cannot tie the workload to its init", errno: $0) }) {
                () throws(Errno) in
                try OwnProcess.dieWithParent(signal: 9)
                if onTerminal { try Terminal.takeForeground(0) }
            }
        }
        do throws(Errno) {
            // Without an execve nothing is closed by itself: descriptors of the host end here (CVE-2024-21626).
            try OwnProcess.close(from: 3)
            let signals = try SignalDescriptor(Signals.all)
            let pidfd = try Processes.open(pid: child.pid)
            Processes.exit(try attend(child.pid, pidfd.raw, signals))
        } catch {
            Processes.exit(125)
        }
    }

    private static func attend(
        _ pid: CInt, _ pidfd: CInt, _ signals: borrowing SignalDescriptor
    ) throws(Errno) -> CInt {
        while true {
            var entries = [Poll.Entry(signals.raw)]
            try Poll.wait(&entries)
            while let signal = try signals.next() {
                if signal == Signals.child {
                    while let ended = try reapOne() {
                        if ended.pid == pid { return ended.end.status }
                    }
                } else {
                    try tolerating(.noSuchProcess) { () throws(Errno) in try Processes.send(signal, to: pidfd) }
                }
            }
        }
    }

    private static func reapOne() throws(Errno) -> (pid: CInt, end: ProcessEnd)? {
        do throws(Errno) {
            return try Processes.reapAny()
        } catch {
            if error == .noChildProcess { return nil }
            throw error
        }
    }
}

/// Signal numbers as Linux has them on x86_64 and aarch64.
enum Signals {
    static let interrupt: CInt = 2
    static let kill: CInt = 9
    public static let terminate: CInt = 15
    static let brokenPipe: CInt = 13
    static let child: CInt = 17
    static let windowChange: CInt = 28
    /// Everything that can be caught and says something; stops, faults and the two that belong to glibc stay.
    static let forwarded: [CInt] =
        [1, 2, 3, 10, 12, 15, 23, 24, 25, 26, 27, 28, 29, 30] + Array(34...64)
    static let all = forwarded + [child]
}
