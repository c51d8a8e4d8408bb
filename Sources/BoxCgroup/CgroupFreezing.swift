public import BoxOCI
internal import BoxSystem

/// Stopping and continuing every process of a cgroup and below (cgroup.freeze). Every call is thread-safe.
extension Cgroup {
    /// Returns when all of them stand still, as `cgroup.events` says. Within `milliseconds`, or they go on and it is an
    /// error: a process in an uninterruptible call cannot be frozen.
    public static func freeze(_ directory: CInt, within milliseconds: Int = 10_000) throws(BoxError) {
        do throws(BoxError) {
            try setFrozen(true, directory, milliseconds)
        } catch {
            var failure = error
            do throws(Errno) {
                try File.writeValue("0", to: "cgroup.freeze", at: directory)
            } catch let second {
                failure.remedy = "write 0 to its cgroup.freeze, which failed just now: \(second)"
            }
            throw failure
        }
    }

    /// Returns when they run again.
    public static func thaw(_ directory: CInt) throws(BoxError) { try setFrozen(false, directory, 10_000) }

    /// Whether it was asked to stand still (cgroup.freeze): true from the moment of `freeze` on.
    public static func isFrozen(_ directory: CInt) throws(BoxError) -> Bool {
        try explaining({ BoxError(.kernel, "cannot read cgroup.freeze", errno: $0) }) { () throws(Errno) in
            try File.text(of: "cgroup.freeze", at: directory) == "1\n"
        }
    }

    private static func setFrozen(_ frozen: Bool, _ directory: CInt, _ milliseconds: Int) throws(BoxError) {
        let verb = frozen ? "freeze" : "thaw"
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                .kernel, "cannot \(verb) the cgroup", errno: errno,
                found: errno == .timedOut ? "not all of its processes did within \(milliseconds / 1000) s" : nil)
        }
        try explaining(failure) { () throws(Errno) in
            let events = try CgroupEventFile("cgroup.events", in: directory)
            try File.writeValue(frozen ? "1" : "0", to: "cgroup.freeze", at: directory)
            let deadline = try Kernel.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
            while try events.value("frozen") != (frozen ? 1 : 0) {
                let left = deadline - (try Kernel.monotonicNanoseconds())
                if left <= 0 { throw .timedOut }
                var entries = [Poll.Entry(changeOf: events.raw)]
                try Poll.wait(&entries, milliseconds: CInt(left / 1_000_000 + 1))
            }
        }
    }
}
