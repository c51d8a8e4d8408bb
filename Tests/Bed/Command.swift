internal import BoxSystem
internal import CBoxLinux
internal import Glibc

/// What a command left behind.
public struct Outcome: Sendable, CustomStringConvertible {
    /// As a shell tells it: the exit status, or 128 + the signal's number.
    public var status: Int
    public var output: String
    public var errors: String
    /// Wall-clock time, from the start to the moment its end was seen.
    public var seconds: Double

    /// The whole of it, so that `#expect(outcome.status == 0, "\(outcome)")` explains itself.
    public var description: String {
        "status \(status) after \(seconds) s\n--- stdout\n\(output)\n--- stderr\n\(errors)"
    }
}

/// A command line with its environment: PATH, HOME, LANG and what is given; nothing of the test's own.
public struct Command {
    public var arguments: [String]
    public var environment: [String: String]

    public init(_ arguments: [String], environment: [String: String] = [:]) {
        self.arguments = arguments
        self.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"]
            .merging(environment) { $1 }
    }

    /// posix_spawnp(3), in a session of its own. Output goes to files of the bed, so that a process left behind cannot hang the test.
    public func start(in bed: Bed, input: String = "", on terminal: Terminal? = nil) throws -> Running {
        let base = "\(bed.directory)/command.\(nextNumber())"
        try bed.write(input, to: base + ".in")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let terminal {
            // Opened by the new session's leader, so it becomes the controlling terminal.
            posix_spawn_file_actions_addopen(&actions, 0, terminal.path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, base + ".in", O_RDONLY, 0)
            for (number, name) in [(1, ".out"), (2, ".err")] {
                posix_spawn_file_actions_addopen(
                    &actions, CInt(number), base + name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            }
        }
        return Running(pid: try spawn(&actions), base: base, terminal: terminal)
    }

    /// With every signal at its default and none blocked, whatever the test process did to its own.
    private func spawn(_ actions: inout posix_spawn_file_actions_t) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let setSession: CInt = 0x80  // POSIX_SPAWN_SETSID, which Glibc shows only with _GNU_SOURCE
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | setSession))
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard error == 0 else { throw BedError("cannot start \(arguments[0])", error) }
        return pid
    }
}

/// A child that a test started and must wait for. For the test's own thread only.
public final class Running {
    public let pid: CInt
    private let base: String
    private let terminal: Terminal?
    private let started = now()
    private var outcome: Outcome?

    init(pid: CInt, base: String, terminal: Terminal?) {
        self.pid = pid
        self.base = base
        self.terminal = terminal
    }

    public func signal(_ number: CInt) { kill(pid, number) }

    /// What it has written so far; on a terminal, both streams in one.
    public var output: String { terminal?.received ?? contents(".out") }
    public var errors: String { terminal == nil ? contents(".err") : "" }

    /// Until the output contains `text`; throws when the time-out is over or the command has ended without it.
    public func waitForOutput(_ text: String, timeout: Double = 30) throws {
        let done = poll(timeout) { output.contains(text) || ended() }
        guard done, output.contains(text) else {
            throw BedError("no \"\(text)\" within \(timeout) s, but\n\(output)\n\(errors)")
        }
    }

    /// Until it ends. Beyond the time-out it is killed, and that is an error of its own.
    @discardableResult
    public func wait(timeout: Double = 60) throws -> Outcome {
        if !poll(timeout, until: ended) {
            kill(pid, SIGKILL)
            _ = poll(5, until: ended)
            throw BedError("still running after \(timeout) s; its output:\n\(output)\n\(errors)")
        }
        guard let outcome else { throw BedError("nobody's child: \(pid)") }
        return outcome
    }

    private func ended() -> Bool {
        if outcome != nil { return true }
        var status: CInt = 0
        terminal?.drain()
        guard waitpid(pid, &status, WNOHANG) == pid else { return false }
        terminal?.drain()
        let signal = status & 0x7f
        outcome = Outcome(
            status: Int(signal == 0 ? (status >> 8) & 0xff : 128 + signal), output: output, errors: errors,
            seconds: now() - started)
        return true
    }

    private func contents(_ suffix: String) -> String {
        do { return try File.text(of: base + suffix) } catch { return "(cannot read \(base)\(suffix): \(error))" }
    }
}

/// Seconds of CLOCK_MONOTONIC.
public func now() -> Double { Double(box_clock_nanoseconds(CLOCK_MONOTONIC)) / 1e9 }

/// Asks every 5 ms until the answer is yes; false when `seconds` are over first.
public func poll(_ seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
    let end = now() + seconds
    while try !condition() {
        if now() > end { return false }
        usleep(5000)
    }
    return true
}
