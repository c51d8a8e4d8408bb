internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// A monitor: waits on a socket of its own for one box to launch, keeps its streams, log and exit status, and lives until
/// that box has ended, whoever starts or ends beside it. Call `run` once, from a process with one thread.
public final class Supervisor {
    /// Milliseconds for what still holds the streams open when the box has ended, and for clients to take the rest.
    private static let drainTime: Int64 = 1000
    private static let farewell: Int64 = 2000
    /// So many connections; who comes then is turned away. Each needs a descriptor, and poll(2) takes no more entries
    /// than a process may have of those: two for each.
    private let mostPeers: Int
    private static let usualPeers = 256
    private static let ownDescriptors = 32

    private let stateRoot: String
    private var directory: String
    private let warn: (String) -> Void
    private let listener: CInt
    private var peers: [MonitorPeer] = []
    private var subject: SupervisedProcess?
    private var log: any BoxLog = NoLog()
    /// Until somebody has connected, or cannot any more: whoever closes the other end of this pipe, where there is one.
    private var isExpected = true
    private var expectation: CInt = -1
    private let rehearsal = Rehearsal()
    private var failure: (request: SupervisionRequest, error: BoxError)?
    private static let socketName = "control.sock"

    /// Listens below `directory`, which is there and the caller's alone.
    public init(directory: String, stateRoot: String, warn: @escaping (String) -> Void) throws(BoxError) {
        self.directory = directory
        self.stateRoot = stateRoot
        self.warn = warn
        let descriptors = try explaining({ BoxError(.kernel, "cannot tell the limit of descriptors", errno: $0) }) {
            () throws(Errno) in try OwnProcess.mostDescriptors()
        }
        mostPeers = min(Self.usualPeers, max(4, (descriptors - Self.ownDescriptors) / 2))
        listener = try explaining({ BoxError(.kernel, "cannot listen below \(directory)", errno: $0) }) {
            () throws(Errno) in
            let listener = try UnixSocket.listen(directory + "/" + Self.socketName, .stream)
            try File.changeMode(
                directory + "/" + Self.socketName, mode: 0o600, at: FileFlags.currentDirectory)
            try UnixSocket.setBacklog(listener.raw, 64)
            try File.makeNonBlocking(listener.raw)
            return listener.release()
        }
    }

    deinit { _ = Descriptor(owning: listener) }

    /// - Parameter ready: a pipe's end that gets a byte once the socket listens; the other is open until somebody connects
    public func run(ready: CInt?) throws(BoxError) {
        do throws(Errno) {
            OwnProcess.setUmask(0o022)
            // Nobody's hang-up and no vanished reader is of its concern.
            let signals = try SignalDescriptor([1, 2, Signals.brokenPipe, 15, Signals.child])
            // What a box without a pid namespace of its own leaves behind comes here.
            try OwnProcess.adoptOrphans()
            expectation = ready ?? -1
            if let ready { try File.write([1], to: ready) }
            while failure == nil && subject?.end == nil {
                if try !wait(signals) { return remove() }
            }
        } catch {
            let problem = BoxError(.internal, "the monitor cannot wait", errno: error)
            guard let subject else { throw problem }
            warn("\(problem.oneLine): its box is ended")
            try explaining({ BoxError(.kernel, "cannot end the box", errno: $0) }) { () throws(Errno) in
                try subject.abort()
            }
        }
        if let subject, subject.end != nil { finish(subject) } else if let failure { finish(failure) }
    }

    // MARK: Waiting

    /// False when there is nothing to wait for: no box, and nobody any more who could ask for one.
    private func wait(_ signals: borrowing SignalDescriptor) throws(Errno) -> Bool {
        if subject == nil && peers.isEmpty && !isExpected { return false }
        let time = try subject?.wait(now: Kernel.monotonicNanoseconds()) ?? rehearsal.delay
        var entries = [Poll.Entry(listener), Poll.Entry(signals.raw), Poll.Entry(expectation)]
        let own = subject.map { $0.entries + $0.streams.entries } ?? []
        let (polled, first) = (peers, entries.count + own.count)
        entries += own + peerEntries
        try Poll.wait(&entries, milliseconds: time)
        if subject == nil && !entries.contains(where: \.isReady) { rehearsal.perform(stateRoot: stateRoot) }
        if entries[0].isReady { try accept() }
        if entries[2].isHungUp { meetExpectation() }
        if let subject { try attend(subject, entries[3..<first]) }
        while let signal = try signals.next() {
            if signal == Signals.child { try Processes.reapAll(but: subject?.process.pid ?? 0) }
        }
        for (index, peer) in polled.enumerated() {
            if entries[first + 2 * index + 1].isReady { peer.flush() }
            let entry = entries[first + 2 * index]
            if entry.isReady || entry.isHungUp { serve(peer) }
        }
        removeClosed()
        return true
    }

    private func meetExpectation() {
        if expectation >= 0 { _ = Descriptor(owning: expectation) }
        (expectation, isExpected) = (-1, false)
    }

    /// Two a peer. Input waits in the socket until there is a box, and until it has taken what came before; that its sender
    /// is gone is told meanwhile.
    private var peerEntries: [Poll.Entry] {
        let takesInput = subject?.streams.takesInput ?? false
        return peers.flatMap { peer in
            [
                peer.hasInput && !takesInput ? Poll.Entry(changeOf: peer.socket) : Poll.Entry(peer.socket),
                Poll.Entry(peer.wantsToSend ? peer.socket : -1, write: true),
            ]
        }
    }

    private func accept() throws(Errno) {
        do throws(Errno) {
            let socket = try UnixSocket.accept(listener)
            meetExpectation()
            if peers.count < mostPeers { peers.append(try MonitorPeer(socket.release())) }
        } catch {
            if error != .wouldBlock && error != .connectionAbort { throw error }
        }
    }

    private func removeClosed() {
        for peer in peers where !peer.isOpen && peer.hasInput {
            if subject?.request.inputEndsWithClient ?? false { subject?.streams.endInput() }
        }
        peers.removeAll { !$0.isOpen }
    }

    private func attend(_ subject: SupervisedProcess, _ entries: ArraySlice<Poll.Entry>) throws(Errno) {
        let (first, count) = (entries.startIndex, subject.entries.count)
        subject.streams.move(entries[(first + count)...].rebased, deliver)
        do throws(BoxError) {
            if try subject.attend(entries[first..<(first + count)].rebased).oom { tell("oom", []) }
        } catch {
            warn(error.oneLine)
            throw error.errno ?? .ioError
        }
    }

    private func deliver(_ bytes: ArraySlice<UInt8>, _ isError: Bool) {
        log.write(bytes, isError: isError)
        let wanted = peers.filter { isError ? $0.hasErrors : $0.hasOutput }
        if wanted.isEmpty { return }
        let frame = MonitorFrame.bytes(isError ? .errors : .output, bytes)
        for peer in wanted { peer.send(frame) }
    }

    private func tell(_ event: String, _ members: [Member]) {
        let frame = MonitorFrame.message([Member("event", Node(.string(event)))] + members)
        for peer in peers where peer.isWatcher { peer.send(frame) }
    }

    // MARK: Requests

    private func serve(_ peer: MonitorPeer) {
        for frame in peer.receive() {
            switch frame.kind {
            case .message: answer(peer, frame.payload)
            case .input where peer.hasInput:
                if let subject { handOn(frame, to: subject) } else { peer.early.append(frame) }
            default: continue
            }
        }
    }

    private func handOn(_ input: MonitorFrame, to subject: SupervisedProcess) {
        if !input.payload.isEmpty {
            subject.streams.write(input.payload)
        } else if subject.request.inputEndsWithClient {
            subject.streams.endInput()
        }
    }

    private func answer(_ peer: MonitorPeer, _ payload: ArraySlice<UInt8>) {
        var name = ""
        do throws(BoxError) {
            let document = try explainingText { () throws(DocumentError) in try JSON.parse(Array(payload)) }
            if case .string(let text)? = document["op"]?.value { name = text }
            let members = try perform(name, document, peer)
            peer.send(
                MonitorFrame.message([Member("op", Node(.string(name))), Member("ok", Node(.bool(true)))] + members))
        } catch {
            peer.send(
                MonitorFrame.message([
                    Member("op", Node(.string(name))), Member("ok", Node(.bool(false))), Member("error", error.answer),
                ]))
        }
    }

    private func explainingText(_ read: () throws(DocumentError) -> Node) throws(BoxError) -> Node {
        do throws(DocumentError) {
            return try read()
        } catch {
            throw BoxError(.invalidSpec, "the request is not JSON: \(error.message)")
        }
    }

    private func perform(_ name: String, _ document: Node, _ peer: MonitorPeer) throws(BoxError) -> [Member] {
        switch name {
        case "launch":
            if document["watch"]?.value == .bool(true) { peer.isWatcher = true }
            return try launch(document)
        case "prepare":
            let request = try SupervisionRequest(document, stateRoot: stateRoot)
            try rehearsal.prepare(request, stateRoot: stateRoot, warn: warn)
        case "abandon": rehearsal.abandon(warn)
        case "attach":
            peer.hasInput = document["stdin"]?.value == .bool(true)
            peer.hasOutput = document["stdout"]?.value == .bool(true)
            peer.hasErrors = document["stderr"]?.value == .bool(true)
        case "watch": peer.isWatcher = true
        case "status": return status
        case "reopen_log": log.reopen()
        case "kill", "stop", "resize":
            guard let subject else { throw BoxError(.invalidState, "there is no box yet") }
            if name == "kill", document["all"]?.value == .bool(true),
                case .integer(let signal)? = document["signal"]?.value
            {
                try subject.sendToAll(CInt(clamping: signal), stateRoot: stateRoot)
                return []
            }
            try explaining({ BoxError(.kernel, "cannot \(name) the box", errno: $0) }) { () throws(Errno) in
                try act(name, document, subject)
            }
        default: throw BoxError(.unsupported, "the monitor knows no request \(JSON.quoted(name))")
        }
        return []
    }

    private func act(_ name: String, _ document: Node, _ subject: SupervisedProcess) throws(Errno) {
        func number(_ key: String) throws(Errno) -> Int64 {
            guard case .integer(let number)? = document[key]?.value else { throw .invalidArgument }
            return number
        }
        switch name {
        case "kill":
            try subject.send(CInt(clamping: number("signal")))
        case "stop":
            try subject.stop(CInt(clamping: number("signal")), milliseconds: number("milliseconds"))
        default:
            try subject.streams.resize(
                rows: UInt16(clamping: number("rows")), columns: UInt16(clamping: number("columns")))
        }
    }

    private var status: [Member] {
        guard let subject else { return [Member("id", Node(.null))] }
        var members = [
            Member("id", Node(.string(subject.request.id))), Member("pid", Node(.integer(Int64(subject.process.pid)))),
            Member("started", Node(.string(subject.started))),
        ]
        if let exec = subject.request.exec { members.append(Member("exec", Node(.string(exec.id)))) }
        return members
    }

    private func launch(_ document: Node) throws(BoxError) -> [Member] {
        if subject != nil { throw BoxError(.invalidState, "this monitor has its box") }
        let request = try SupervisionRequest(document, stateRoot: stateRoot)
        if let new = request.directory {
            try explaining({ BoxError(.alreadyExists, "cannot name the monitor's directory \(new)", errno: $0) }) {
                () throws(Errno) in try File.rename(directory, to: new)
            }
            directory = new
        }
        do throws(BoxError) {
            log = try NoLog.make(request)
            let launched = try SupervisedProcess.launch(request, rehearsal, stateRoot: stateRoot, warn: warn)
            subject = launched
            for peer in peers {
                for frame in peer.early { handOn(frame, to: launched) }
                peer.early = []
            }
            let members = [
                Member("pid", Node(.integer(Int64(launched.process.pid)))),
                Member("started", Node(.string(launched.started))),
            ]
            tell("started", members)
            return members + [launched.takeWarnings()]
        } catch {
            rehearsal.abandon(warn)
            failure = (request, error)
            throw error
        }
    }

    // MARK: The end

    private func finish(_ subject: SupervisedProcess) {
        drain(subject)
        log.finish()
        let end = subject.finish(warn)
        var members = record(subject.request.id, pid: subject.process.pid, started: subject.started, end.status)
        var code: Node.Value = .null
        var signal: Node.Value = .null
        switch subject.end?.process {
        case .exited(let status): code = .integer(Int64(status))
        case .signaled(let number, _): signal = .integer(Int64(number))
        case nil: break
        }
        members += [
            Member("exit_code", Node(code)), Member("signal", Node(signal)), Member("oom", Node(.bool(end.oom))),
            Member("reason", Node(.string(end.reason))), Member("failed", Node(.null)), subject.takeWarnings(),
        ]
        leave(members)
    }

    private func finish(_ failure: (request: SupervisionRequest, error: BoxError)) {
        let status = ExitReport.exitStatus(failure.error)
        var members = record(failure.request.id, pid: 0, started: PreciseTime.now, status)
        members += [
            Member("exit_code", Node(.null)), Member("signal", Node(.null)), Member("oom", Node(.bool(false))),
            Member("reason", Node(.string("failed_to_start"))), Member("failed", failure.error.answer),
        ]
        leave(members)
    }

    private func record(_ id: String, pid: CInt, started: String, _ status: Int32) -> [Member] {
        [
            Member("id", Node(.string(id))), Member("pid", Node(.integer(Int64(pid)))),
            Member("started", Node(.string(started))), Member("finished", Node(.string(PreciseTime.now))),
            Member("status", Node(.integer(Int64(status)))),
        ]
    }

    /// What the box wrote before its end; something else may hold its streams open for ever.
    private func drain(_ subject: SupervisedProcess) {
        wait(until: { subject.streams.isDrained }, milliseconds: Self.drainTime) {
            let entries = Array(subject.streams.entries.prefix(2))
            return (entries, { subject.streams.move(($0 + [Poll.Entry(-1)])[...], self.deliver) })
        }
        subject.streams.abandon()
    }

    /// The record for whoever comes later, then the news for who is here.
    private func leave(_ members: [Member]) {
        do throws(Errno) {
            let flags = FileFlags.create | FileFlags.writeOnly | FileFlags.truncate
            let file = try File.open(directory + "/.exit.json", flags, mode: 0o600)
            try File.write(JSON.write(Node(.object(members))), to: file.raw)
            try File.synchronize(file.raw)
            try File.rename(directory + "/.exit.json", to: directory + "/exit.json")
            try File.remove(directory + "/" + Self.socketName)
        } catch {
            warn("cannot write \(directory)/exit.json: \(error)")
        }
        tell("exited", members)
        for peer in peers { peer.finish() }
        wait(until: { self.peers.allSatisfy { !$0.wantsToSend } }, milliseconds: Self.farewell) {
            let waiting = self.peers.filter(\.wantsToSend)
            return (waiting.map { Poll.Entry($0.socket, write: true) }, { _ in for peer in waiting { peer.flush() } })
        }
    }

    private func wait(
        until isDone: () -> Bool, milliseconds: Int64, _ step: () -> ([Poll.Entry], ([Poll.Entry]) -> Void)
    ) {
        do throws(Errno) {
            let end = try Kernel.monotonicNanoseconds() + milliseconds * 1_000_000
            while !isDone() {
                let left = (end - (try Kernel.monotonicNanoseconds())) / 1_000_000
                if left <= 0 { return }
                var (entries, then) = step()
                try Poll.wait(&entries, milliseconds: CInt(clamping: left))
                then(entries)
            }
        } catch {
            warn("cannot wait: \(error)")
        }
    }

    /// Of a monitor that nobody needed.
    private func remove() {
        rehearsal.abandon(warn)
        do throws(Errno) {
            // The next daemon may be about the same.
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                try File.remove(directory + "/" + Self.socketName)
                try File.remove(directory, directory: true)
            }
        } catch {
            warn("cannot remove \(directory): \(error)")
        }
    }
}

extension ArraySlice<Poll.Entry> {
    /// The same, counted from 0.
    fileprivate var rebased: ArraySlice<Poll.Entry> { Array(self)[...] }
}
