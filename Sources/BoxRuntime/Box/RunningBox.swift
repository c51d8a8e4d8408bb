internal import BoxOCI
public import BoxSystem

/// A box whose init process exists: its pidfd, its terminal, how it ended. One thread only.
public final class RunningBox {
    public let pid: CInt
    let pidfd: CInt
    private let plan: LaunchPlan
    private let progress: SharedCounter
    /// The pty's master, when the box has a terminal.
    public private(set) var terminal: CInt?
    private var end_: ProcessEnd?

    init(_ child: ClonedProcess, plan: LaunchPlan, progress: SharedCounter) {
        pid = child.pid
        pidfd = child.pidfd
        self.plan = plan
        self.progress = progress
    }

    deinit {
        if let terminal { _ = Descriptor(owning: terminal) }
        _ = Descriptor(owning: pidfd)
    }

    func takeTerminal(_ master: CInt) { terminal = master }

    /// The box's session gets SIGHUP, and whatever still writes to the terminal an error.
    func hangUp() {
        if let terminal { _ = Descriptor(owning: terminal) }
        terminal = nil
    }

    /// waitid(2): blocks until the init process has ended; the same answer afterwards.
    public func wait() throws(Errno) -> ProcessEnd {
        if let end_ { return end_ }
        let end = try Processes.wait(for: pidfd)
        end_ = end
        return end
    }

    /// A signal to the init process (pidfd_send_signal(2)); one that has ended is no error.
    public func send(_ signal: CInt) throws(Errno) {
        try tolerating(.noSuchProcess) { () throws(Errno) in try Processes.send(signal, to: pidfd) }
    }

    /// Whether the init process, being the first of its pid namespace, would not even notice the signal: the kernel keeps
    /// from it what it has no handler for. proc_pid_status(5), SigCgt. Not known is no.
    func ignores(_ signal: CInt) -> Bool {
        if !plan.workload.ownsProcesses || plan.workload.initProcess || signal == Signals.kill { return false }
        do throws(Errno) {
            let status = try File.text(of: "/proc/\(pid)/status")
            guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
                let caught = UInt64(line.dropFirst(7).drop { $0 == " " || $0 == "\t" }, radix: 16)
            else { return false }
            return caught >> UInt64(signal - 1) & 1 == 0
        } catch {
            return false
        }
    }

    /// SIGKILL and wait: what a launch that fails half-way owes the host.
    func end() {
        do throws(Errno) {
            try send(9)
            _ = try wait()
        } catch {
            // Somebody else reaped it: it is gone, which is what was wanted.
            return
        }
    }

    /// The socket has closed. Before its last step that can only mean that the init process has died.
    func deathBeforeExec() -> BoxError? {
        let step = Int(progress.value)
        if step >= plan.initialise.count { return nil }
        do throws(Errno) {
            return InitFailure.died(try wait(), at: step, plan: plan)
        } catch {
            return BoxError(.internal, "the init process is gone", errno: error)
        }
    }
}
