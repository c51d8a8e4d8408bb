internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// A box whose processes come from a checkpoint: criu makes them, in the cgroup and on the root file system that this plan
/// has prepared.
extension Launcher {
    private static var log: String { "restore.log" }

    /// What `launch` does from the clone on.
    func restore(
        _ wanted: RestoreOptions, announce: (RunningBox) throws(BoxError) -> Void
    ) throws(BoxError) -> RunningBox {
        try checkSingleThread()
        let images = try CheckpointImages(at: wanted.options.images)
        let tie = plan.isDetached ? try images.parentDeathSignal() : 0
        if tie != 0 {
            throw BoxError(
                .unsupported,
                "the box was checkpointed in the foreground, and ends with its runtime: it cannot be detached",
                field: "--detach", remedy: "leave out --detach, or checkpoint a box of `run --detach`")
        }
        let root = try slot(.root)
        let targets = try RestoreTargets(
            images.mounts(), ExternalMounts.destinations(of: plan), in: root,
            source: { (index) throws(BoxError) in try slot(.source(index)) })
        let stage = RestoreStage(directory: state?.path ?? "")
        let work = try images.openWork(wanted.options.work, log: Self.log)
        var options = wanted.options.message(images: images.directory.raw, work: work.raw, log: Self.log)
        let passing = try addRestore(wanted, stage, targets, to: &options, images)
        var sources: [Int: CInt] = [:]
        for one in targets.staged { sources[one.source] = try slot(.source(one.source)) }
        let cgroup = slots.has(.cgroup) ? try slot(.cgroup) : -1
        let criu = try CriuService.start(
            passing: [images.directory.raw, work.raw] + passing, into: .mount, cgroup: cgroup,
            prepare: { [sources] () throws(BoxError) in
                try stage.build(root: root, targets.staged, sources: sources)
                // criu mounts below its working directory: that must be of its own mount namespace.
                try images.openAgain()
                try CheckpointImages.openAgain(wanted.options.work ?? images.path, as: work.raw)
            })
        try releaseScope()
        for (index, step) in plan.attend.enumerated() {
            guard case .joinResctrlGroup = step.action else { continue }
            try carryOut(step, plan.prepare.count + index, pid: criu.pid)
        }
        let birth = Birth()
        let answer: CriuService.Answer
        do throws(BoxError) {
            answer = try criu.request(.restore, options) { (notice) throws(BoxError) in
                try hear(notice, birth, announce)
            }
            try criu.end()
            if answer.succeeded, let box = birth.box {
                if let master = birth.takeTerminal() { try handOver(master, box) }
                try runStartedHooks(pid: box.pid)
                return box
            }
        } catch {
            birth.box?.end()
            throw error
        }
        birth.box?.end()
        throw CriuFailure.explain(
            answer, "restore the container \(plan.id)", work: work.raw,
            log: (Self.log, (wanted.options.work ?? images.path) + "/" + Self.log))
    }

    /// What there is of the box so far.
    private final class Birth {
        var box: RunningBox?
        private var terminal: CInt?

        deinit { if let terminal { _ = Descriptor(owning: terminal) } }

        func hold(_ master: CInt) {
            if let terminal { _ = Descriptor(owning: terminal) }
            terminal = master
        }

        func takeTerminal() -> CInt? {
            defer { terminal = nil }
            return terminal
        }
    }

    /// criu stands still meanwhile.
    private func hear(
        _ notice: CriuService.Notice, _ birth: Birth, _ announce: (RunningBox) throws(BoxError) -> Void
    ) throws(BoxError) {
        if let descriptor = notice.descriptor { birth.hold(descriptor) }
        switch notice.name {
        case "setup-namespaces":
            isBorn = true
            try state?.write(currentState(.creating, pid: notice.pid))
            let first = plan.beforeInit + plan.initialise.count
            for (index, step) in plan.ready.enumerated() { try carryOut(step, first + index, pid: notice.pid) }
        case "post-restore":
            // All is there, and nothing of it runs yet.
            isBorn = true
            try RestoreStage.allowLinks(pid: notice.pid)
            let (pidfd, progress) = try explaining(failure("find the box")) { () throws(Errno) in
                (try Processes.open(pid: notice.pid).release(), try SharedCounter())
            }
            progress.value = UInt32(plan.initialise.count)
            let box = RunningBox(ClonedProcess(pid: notice.pid, pidfd: pidfd), plan: plan, progress: progress)
            birth.box = box
            for (index, step) in plan.attend.enumerated() where step.action == .holdMounts {
                try carryOut(step, plan.prepare.count + index, pid: box.pid)
            }
            try state?.write(currentState(plan.isDetached ? .creating : .running, pid: box.pid))
            try announce(box)
        default: return
        }
    }

    /// What only a restore tells criu. Returns the descriptors that criu is to have beside.
    private func addRestore(
        _ wanted: RestoreOptions, _ stage: RestoreStage, _ targets: RestoreTargets, to options: inout WireMessage,
        _ images: borrowing CheckpointImages
    ) throws(BoxError) -> [CInt] {
        options.add(12, true)
        options.add(13, stage.root)
        options.add(26, true)
        options.add(53, wanted.label)
        options.add(63, wanted.mountLabel)
        if let cgroup { options.add(25, Checkpointing.cgroupRoot(cgroup.path)) }
        for (index, one) in targets.staged.enumerated() {
            options.add(23, Self.pair(one.name, stage.path(of: index)))
        }
        var streams: Set<String> = []
        for (number, name) in try images.readDescriptors().prefix(3).enumerated()
        where (name.hasPrefix("pipe:") || name.hasPrefix("file[")) && streams.insert(name).inserted {
            options.add(27, Self.inherited(name, CInt(number)))
        }
        var passing: [CInt] = []
        for namespace in plan.spec.linux.namespaces where namespace.path != nil {
            let flag = Compiler.flag(namespace.type)
            let descriptor = try slot(.namespace(flag))
            if let external = CheckpointLimits.externalNamespaces.first(where: { $0.kind == namespace.type }) {
                passing.append(descriptor)
                options.add(27, Self.inherited(external.name, descriptor))
            } else {
                options.add(39, Self.pair(flag.file, namespace.path ?? ""))
            }
        }
        return passing
    }

    private static func pair(_ key: String, _ value: String) -> WireMessage {
        var message = WireMessage()
        message.add(1, key)
        message.add(2, value)
        return message
    }

    private static func inherited(_ key: String, _ descriptor: CInt) -> WireMessage {
        var message = WireMessage()
        message.add(1, key)
        message.add(2, Int(descriptor))
        return message
    }

    private func slot(_ slot: Slot) throws(BoxError) -> CInt {
        try explaining({ BoxError(.internal, "the plan has no \(slot)", errno: $0) }) { () throws(Errno) in
            try slots.get(slot)
        }
    }
}
