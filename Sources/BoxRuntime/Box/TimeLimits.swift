internal import BoxOCI
internal import BoxSystem

/// When a box has to end, and how it is told. Times in nanoseconds of CLOCK_MONOTONIC.
struct TimeLimits {
    /// What made the runtime end a box.
    enum Cause: Equatable {
        case timeout, cpuTimeout
    }

    private let deadline: Int64?
    private let processorLimit: UInt64?
    private let grace: Int64
    let stopSignal: CInt
    /// cpu.stat's usage in microseconds; nil where no cgroup counts it.
    private let usage: () throws(Errno) -> UInt64?
    private var nextLook: Int64
    private(set) var cause: Cause?
    /// When patience ends.
    private var killAt: Int64?

    static let defaultGrace: UInt64 = 10_000

    init(_ spec: Spec, started: Int64, usage: @escaping () throws(Errno) -> UInt64?) {
        deadline = spec.box.timeout.map { started + Int64($0) * 1_000_000 }
        processorLimit = spec.box.cpuTimeout.map { $0 * 1000 }
        grace = Int64(spec.box.stopTimeout ?? Self.defaultGrace) * 1_000_000
        let named = spec.annotations.first { $0.name == "org.opencontainers.image.stopSignal" }?.value
        stopSignal = named.flatMap { SignalNames.number($0) } ?? Signals.terminate
        self.usage = usage
        nextLook = started
    }

    /// Milliseconds until something may have to be done; -1: never.
    func wait(now: Int64) -> CInt {
        var moments: [Int64] = []
        if cause == nil {
            if let deadline { moments.append(deadline) }
            if processorLimit != nil { moments.append(nextLook) }
        }
        if let killAt { moments.append(killAt) }
        guard let first = moments.min() else { return -1 }
        return CInt(clamping: max(0, (first - now + 999_999) / 1_000_000))
    }

    /// What is due: the stop signal, or the kill.
    enum Due { case nothing, stop, kill }

    mutating func due(now: Int64, ignoresStop: () -> Bool) throws(Errno) -> Due {
        if let killAt {
            if now < killAt { return .nothing }
            self.killAt = nil
            return .kill
        }
        if cause != nil { return .nothing }
        if let deadline, now >= deadline {
            cause = .timeout
        } else if try isProcessorTimeOver(now) {
            cause = .cpuTimeout
        } else {
            return .nothing
        }
        if grace == 0 || ignoresStop() { return .kill }
        killAt = now + grace
        return .stop
    }

    /// Looked at no more often than it could change: every processor would have to be busy with the box until then.
    private mutating func isProcessorTimeOver(_ now: Int64) throws(Errno) -> Bool {
        guard let processorLimit, now >= nextLook, let used = try usage() else { return false }
        if used >= processorLimit { return true }
        let earliest = Int64(processorLimit - used) * 1000 / Int64(Kernel.processors)
        nextLook = now + max(earliest, 5_000_000)
        return false
    }
}
