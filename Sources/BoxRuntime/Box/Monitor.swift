internal import BoxOCI
internal import BoxSystem

/// Stays with a running box in the foreground: hands signals on, relays its terminal, learns how it ended.
/// One thread; the same code serves a person at a terminal and a program that waits.
struct Monitor {
    let box: RunningBox
    /// Kills the whole box at once.
    let killBox: () -> Void

    /// Returns when the box's init process has ended.
    func attend(_ source: borrowing SignalDescriptor) throws(BoxError) -> ProcessEnd {
        try explaining({ BoxError(.internal, "cannot watch the box", errno: $0) }) { () throws(Errno) in
            var relay = try box.terminal == nil ? nil : TerminalRelay(box)
            defer { relay?.restore() }
            var interrupts = 0
            var hasEnded = false
            while true {
                // What the box wrote before it ended still goes out, unless its reader hangs and the user has enough.
                if hasEnded {
                    let isDrained = try relay?.isDrained() ?? true
                    if isDrained || interrupts > 1 { return try box.wait() }
                }
                var entries = [Poll.Entry(hasEnded ? -1 : box.pidfd), Poll.Entry(source.raw)]
                entries += relay?.entries ?? []
                try Poll.wait(&entries)
                while entries[1].isReady, let signal = try source.next() {
                    if signal == Signals.windowChange { try relay?.resize() }
                    interrupts += signal == Signals.interrupt ? 1 : 0
                    try pass(signal, interrupts: interrupts)
                }
                try relay?.move(entries[2...])
                if entries[0].isReady { hasEnded = true }
            }
        }
    }

    /// A second Ctrl-C means it: process 1 of a pid namespace ignores what it has no handler for.
    private func pass(_ signal: CInt, interrupts: Int) throws(Errno) {
        if signal == Signals.child || signal == Signals.brokenPipe { return }
        if signal == Signals.interrupt && interrupts > 1 {
            killBox()
            try box.send(Signals.kill)
        } else {
            try box.send(signal)
        }
    }
}
