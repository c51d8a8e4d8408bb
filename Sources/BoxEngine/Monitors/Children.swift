public import BoxSystem
internal import Synchronization

/// The processes that the daemon started. The program tells `reap` of every SIGCHLD. Thread-safe.
final class Children: Sendable {
    static let shared = Children()

    private enum Child {
        case running
        case awaited(CheckedContinuation<ProcessEnd, Never>)
        case ended(ProcessEnd)
        /// Nobody asks how it ends.
        case left
    }

    private let children = Mutex<[CInt: Child]>([:])

    /// Starts a program and keeps its end for `wait`; `left` children are only reaped.
    func spawn(
        _ path: String, _ arguments: [String], descriptors: [CInt?], left: Bool = false
    ) throws(Errno) -> CInt {
        // Under the lock, so that its end cannot be told before it is known.
        try children.withLock { (children) throws(Errno) in
            let pid = try Processes.spawn(path, arguments, environment: Self.environment, descriptors: descriptors)
            children[pid] = left ? .left : .running
            return pid
        }
    }

    /// Nothing of the daemon's own environment but where programs are.
    private static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

    /// Of a child that is not `left`; once.
    func wait(_ pid: CInt) async -> ProcessEnd {
        await withCheckedContinuation { continuation in
            let end = children.withLock { children -> ProcessEnd? in
                if case .ended(let end)? = children[pid] {
                    children[pid] = nil
                    return end
                }
                children[pid] = .awaited(continuation)
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    /// Nobody asks any more how it ends.
    func leave(_ pid: CInt) {
        children.withLock { children in
            switch children[pid] {
            case .running: children[pid] = .left
            case .ended: children[pid] = nil
            case .awaited, .left, nil: break
            }
        }
    }

    /// Takes every child that has ended.
    func reap() throws(Errno) {
        while true {
            let next: (pid: CInt, end: ProcessEnd)?
            do throws(Errno) {
                next = try Processes.reapAny()
            } catch {
                if error == .noChildProcess { return }
                throw error
            }
            guard let (pid, end) = next else { return }
            let waiting = children.withLock { children -> CheckedContinuation<ProcessEnd, Never>? in
                switch children[pid] {
                case .running: children[pid] = .ended(end)
                case .awaited(let continuation):
                    children[pid] = nil
                    return continuation
                case .left, .ended, nil: children[pid] = nil
                }
                return nil
            }
            waiting?.resume(returning: end)
        }
    }
}

/// What the program has to tell the engine of signals.
public enum ChildProcesses {
    /// After a SIGCHLD: takes every child that has ended. Thread-safe.
    public static func reap() throws(Errno) { try Children.shared.reap() }
}
