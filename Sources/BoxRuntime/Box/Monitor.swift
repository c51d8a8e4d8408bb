internal import BoxOCI
internal import BoxSystem

/// How a box came to its end.
struct BoxEnd {
    var process: ProcessEnd
    /// The runtime ended it.
    var timeLimit: TimeLimits.Cause?
    /// The last signal that was passed on to it.
    var passedOn: CInt?
    /// The second Ctrl-C killed it.
    var killed = false
}

/// Stays with a running box in the foreground: hands signals on, relays its terminal, ends it when its time is over,
/// learns how it ended. One thread; the same code serves a person at a terminal and a program that waits.
struct Monitor {
    let box: RunningBox
    var limits: TimeLimits
    /// Kills the whole box at once.
    let killBox: () -> Void
    /// Counts along, where it was asked for.
    let denials: Denials?
    private var interrupts = 0
    private var passedOn: CInt?

    init(box: RunningBox, limits: TimeLimits, denials: Denials?, killBox: @escaping () -> Void) {
        self.box = box
        self.limits = limits
        self.killBox = killBox
        self.denials = denials
    }

    /// Returns when the box's init process has ended.
    mutating func attend(_ source: borrowing SignalDescriptor) throws(BoxError) -> BoxEnd {
        do throws(Errno) {
            return try follow(source)
        } catch {
            throw BoxError(.internal, "cannot watch the box", errno: error)
        }
    }

    private mutating func follow(_ source: borrowing SignalDescriptor) throws(Errno) -> BoxEnd {
        var relay = try box.terminal == nil ? nil : TerminalRelay(box)
        defer { relay?.restore() }
        var hasEnded = false
        while true {
            // What the box wrote before it ended still goes out, unless its reader hangs and the user has enough.
            if hasEnded {
                let isDrained = try relay?.isDrained() ?? true
                if isDrained || interrupts > 1 || limits.cause != nil { return try end() }
            }
            var entries = [
                Poll.Entry(hasEnded ? -1 : box.pidfd), Poll.Entry(source.raw), Poll.Entry(denials?.raw ?? -1),
            ]
            entries += relay?.entries ?? []
            try Poll.wait(&entries, milliseconds: limits.wait(now: Kernel.monotonicNanoseconds()))
            while entries[1].isReady, let signal = try source.next() {
                if signal == Signals.windowChange { try relay?.resize() }
                interrupts += signal == Signals.interrupt ? 1 : 0
                try pass(signal)
            }
            if entries[2].isReady { try denials?.drain() }
            try relay?.move(entries[3...])
            if entries[0].isReady { hasEnded = true }
            if !hasEnded { try keepTime() }
        }
    }

    private func end() throws(Errno) -> BoxEnd {
        BoxEnd(process: try box.wait(), timeLimit: limits.cause, passedOn: passedOn, killed: interrupts > 1)
    }

    private mutating func keepTime() throws(Errno) {
        let signal = limits.stopSignal
        switch try limits.due(now: Kernel.monotonicNanoseconds(), ignoresStop: { box.ignores(signal) }) {
        case .nothing: return
        case .stop: try box.send(signal)
        case .kill: try kill()
        }
    }

    /// A second Ctrl-C means it: process 1 of a pid namespace ignores what it has no handler for.
    private mutating func pass(_ signal: CInt) throws(Errno) {
        if signal == Signals.child || signal == Signals.brokenPipe { return }
        if signal == Signals.interrupt && interrupts > 1 { return try kill() }
        if signal != Signals.windowChange { passedOn = signal }
        try box.send(signal)
    }

    private func kill() throws(Errno) {
        killBox()
        try box.send(Signals.kill)
    }
}
