internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// Forces a failure at every step of two plans, one at a time, and in the init process a sudden death too.
///
/// Each box is started by this same program in a process of its own, as the shipped ones start theirs; only the probe
/// differs. After each: the error names the step, the status is 125, and nothing is left behind.
/// Run by `Tests/run.sh faults`, as root, in mount and pid namespaces of its own.
@main
enum FaultInjection {
    nonisolated static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        do throws(BoxError) {
            if words.isEmpty {
                try Campaign().run()
            } else {
                let plan = words.removeFirst()
                Processes.exit(try OneBox(directory: words.removeFirst(), plan: plan).run(words))
            }
        } catch {
            StandardStreams.printError("fault-injection: \(error)")
            Processes.exit(125)
        }
    }
}

/// What is done to one box: nothing, a failure before step N, or the death of its process before step N.
enum Fault {
    case none
    case fail(Int)
    case die(Int)

    init(_ words: [String]) {
        switch (words.first, words.last.flatMap { Int($0) }) {
        case ("fail", let step?): self = .fail(step)
        case ("die", let step?): self = .die(step)
        default: self = .none
        }
    }
}

struct FaultProbe: StepProbe {
    let fault: Fault

    func before(_ step: Step, number: Int) throws(BoxError) {
        switch fault {
        case .fail(number):
            throw BoxError(.kernel, "cannot \(step.action.title)", errno: .noSpace)
        case .die(number):
            // A trap: the one signal that process 1 of a pid namespace cannot shrug off when it sends it itself.
            preconditionFailure("the death that was asked for")
        default: return
        }
    }
}

/// One box, in this process: `list` prints the plan, a line a step; anything else runs it.
struct OneBox {
    let directory: String
    let plan: String

    func run(_ words: [String]) throws(BoxError) -> Int32 {
        let spec =
            switch plan {
            case "mapped": Plans.mapped(in: directory)
            case "created": Plans.created(in: directory)
            default: Plans.plain(in: directory)
            }
        if plan == "exec" { return try words.first == "list" ? listExec() : execInBox(FaultProbe(fault: Fault(words))) }
        if words.first == "list" { return try list(spec) }
        var request = LaunchRequest(spec: spec, id: "faulty", bundle: directory, stateRoot: directory + "/state")
        request.attachStdin = false
        request.cidFile = directory + "/cid"
        request.warn = { StandardStreams.printError("warning: \($0)") }
        let probe = FaultProbe(fault: Fault(words))
        if plan != "created" { return try runForeground(request, probe: probe) }
        request.cidFile = nil
        return try createAndStart(request, probe)
    }

    /// What an engine does, one call after another.
    private func createAndStart(_ request: LaunchRequest, _ probe: FaultProbe) throws(BoxError) -> Int32 {
        let warn: (String) -> Void = { StandardStreams.printError("warning: \($0)") }
        try createBox(request, probe: probe)
        do throws(BoxError) {
            try Starting.start(id: request.id, stateRoot: request.stateRoot, warn: warn)
        } catch {
            do throws(BoxError) {
                try Deletion.delete(id: request.id, stateRoot: request.stateRoot, force: true, warn: warn)
            } catch let left {
                // Where a hook is to blame, `start` has removed the box itself.
                if left.kind != .notFound { throw left }
            }
            throw error
        }
        try Deletion.delete(id: request.id, stateRoot: request.stateRoot, force: true, warn: warn)
        return 0
    }

    private func list(_ spec: Spec) throws(BoxError) -> Int32 {
        var spec = spec
        if spec.box.autoUserNamespace {
            spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: 1 << 24, size: 65536)]
            spec.linux.gidMappings = spec.linux.uidMappings
        }
        var place = BoxPlace(id: "faulty", bundle: directory, stateRoot: directory + "/state")
        place.isDetached = self.plan == "created"
        let plan = try Compiler.compile(spec, at: place, host: HostFacts.probe(for: spec))
        for step in plan.prepare + plan.enter + plan.attend { StandardStreams.printOut("runtime \(step.action.title)") }
        for step in plan.initialise { StandardStreams.printOut("init \(step.action.title)") }
        // Of a box that is only created, these are not the launcher's.
        let later = place.isDetached ? [] : plan.started + plan.removed
        for step in plan.ready + later { StandardStreams.printOut("runtime \(step.action.title)") }
        return 0
    }
}
