internal import BoxOCI
internal import BoxSystem

/// The standard streams of a supervised process: pipes, or the pty's master. One thread only.
final class ProcessStreams {
    private static let chunk = 64 << 10
    private var input: CInt = -1
    private var output: CInt = -1
    private var errors: CInt = -1
    /// The other ends, until the process has them.
    private var given: [CInt]
    private var terminal: RunningBox?
    private var pending: ArraySlice<UInt8> = []
    private var inputIsEnding = false
    private let isTerminal: Bool

    init(_ spec: Spec, hasInput: Bool) throws(BoxError) {
        isTerminal = spec.process?.terminal == true
        given = []
        if isTerminal { return }
        try explaining({ BoxError(.kernel, "cannot make pipes for the box", errno: $0) }) { () throws(Errno) in
            let stdin: (reading: CInt, writing: CInt)? = hasInput ? try Processes.pipe() : nil
            let stdout = try Processes.pipe()
            let stderr = try Processes.pipe()
            given = [stdin?.reading ?? -1, stdout.writing, stderr.writing]
            (input, output, errors) = (stdin?.writing ?? -1, stdout.reading, stderr.reading)
            if input >= 0 { try File.makeNonBlocking(input) }
            // So that a workload that is not root may open /dev/stdout once more.
            let user = spec.process?.user.uid ?? 0
            let owner =
                spec.linux.uidMappings.first { user >= $0.containerID && user - $0.containerID < $0.size }
                .map { $0.hostID + (user - $0.containerID) } ?? user
            for end in given where end >= 0 { try File.changeOwner(uid: owner, gid: owner, at: end) }
        }
    }

    deinit {
        for descriptor in given + [input, output, errors] where descriptor >= 0 { _ = Descriptor(owning: descriptor) }
    }

    /// Runs what makes the process, with the streams in the places of the monitor's own for that time.
    func installed(_ body: () throws(BoxError) -> RunningBox) throws(BoxError) -> RunningBox {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot place the box's streams", errno: $0) }
        let saved = try explaining(failure) { () throws(Errno) -> [CInt] in
            var saved: [CInt] = []
            for number in CInt(0)...2 {
                saved.append(try Descriptor.duplicate(of: number).release())
                if !given.isEmpty, given[Int(number)] >= 0 { try OwnProcess.install(given[Int(number)], as: number) }
            }
            return saved
        }
        let result: Result<RunningBox, BoxError>
        do throws(BoxError) { result = .success(try body()) } catch { result = .failure(error) }
        try explaining(failure) { () throws(Errno) in
            for (number, descriptor) in saved.enumerated() {
                try OwnProcess.install(descriptor, as: CInt(number))
                _ = Descriptor(owning: descriptor)
            }
        }
        for descriptor in given where descriptor >= 0 { _ = Descriptor(owning: descriptor) }
        given = []
        return try result.get()
    }

    /// The pty of the process that runs now.
    func take(_ process: RunningBox) throws(BoxError) {
        guard let master = process.terminal else { return }
        terminal = process
        try explaining({ BoxError(.kernel, "cannot use the box's terminal", errno: $0) }) { () throws(Errno) in
            try File.makeNonBlocking(master)
        }
        (input, output) = (-1, -1)
    }

    private var master: CInt { terminal?.terminal ?? -1 }

    // MARK: Input

    /// Whether more may come: what came before has been taken.
    var takesInput: Bool { pending.isEmpty }
    private var inputTarget: CInt { isTerminal ? master : input }

    func write(_ bytes: ArraySlice<UInt8>) {
        if inputTarget < 0 { return }
        pending += bytes
        flush()
    }

    /// A terminal's input does not end.
    func endInput() {
        if isTerminal { return }
        inputIsEnding = true
        flush()
    }

    private func flush() {
        do throws(Errno) {
            while !pending.isEmpty, inputTarget >= 0 {
                let count = try File.writeSome(pending, to: inputTarget)
                if count == 0 { return }
                pending = pending.dropFirst(count)
            }
        } catch {
            // Nobody reads any more.
            pending = []
            inputIsEnding = inputIsEnding || !isTerminal
        }
        if inputIsEnding && pending.isEmpty { closeInput() }
    }

    func closeInput() {
        pending = []
        if input >= 0 { _ = Descriptor(owning: input) }
        input = -1
    }

    func resize(rows: UInt16, columns: UInt16) throws(Errno) {
        if master >= 0 { try Terminal.setSize(master, rows: rows, columns: columns) }
    }

    // MARK: Output

    var entries: [Poll.Entry] {
        [
            Poll.Entry(isTerminal ? master : output), Poll.Entry(errors),
            Poll.Entry(pending.isEmpty ? -1 : inputTarget, write: true),
        ]
    }

    /// Whether both streams are at their end.
    var isDrained: Bool { output < 0 && errors < 0 && master < 0 }

    /// Takes what is there and gives it on.
    func move(_ entries: ArraySlice<Poll.Entry>, _ deliver: (ArraySlice<UInt8>, _ isError: Bool) -> Void) {
        let ready = entries.map { $0.isReady || $0.isHungUp }
        if ready[0] && isTerminal { read(master, false, deliver) { terminal?.hangUp() } }
        if ready[0] && !isTerminal { read(output, false, deliver) { output = Self.close(output) } }
        if ready[1] { read(errors, true, deliver) { errors = Self.close(errors) } }
        if ready[2] { flush() }
    }

    private static func close(_ descriptor: CInt) -> CInt {
        _ = Descriptor(owning: descriptor)
        return -1
    }

    /// EIO is how a pty says that its other side is closed.
    private func read(
        _ descriptor: CInt, _ isError: Bool, _ deliver: (ArraySlice<UInt8>, Bool) -> Void, atEnd: () -> Void
    ) {
        do throws(Errno) {
            let bytes = try File.readSome(descriptor, atMost: Self.chunk)
            if bytes.isEmpty { atEnd() } else { deliver(bytes[...], isError) }
        } catch {
            if error != .wouldBlock && error != .resourceTemporarilyUnavailable { atEnd() }
        }
    }

    /// Nothing more is waited for: something else holds the streams open.
    func abandon() {
        if output >= 0 { output = Self.close(output) }
        if errors >= 0 { errors = Self.close(errors) }
        terminal?.hangUp()
    }
}
