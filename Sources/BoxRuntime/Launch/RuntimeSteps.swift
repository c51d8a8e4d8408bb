internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// What each step of `LaunchPlan.prepare` and `.attend` does.
extension Launcher {
    func perform(_ action: Action, pid: CInt?) throws(BoxError) {
        switch action {
        case .assembleRoot(let assembly): slots.put(try assembly.assemble(), .root)
        case .makeStateDirectory(let path):
            remember(
                try StateDirectory.make(
                    path, state: currentState(.creating, pid: 0), spec: plan.specText ?? plan.spec.text())
            )
        case .mountOverlay(let overlay):
            if case .directory(let path) = overlay.upper { slots.put(try UpperDirectory(path).take(), .upper) }
            let idMap = try explaining(failure("use the id map")) { () throws(Errno) in
                overlay.idMapped ? try slots.get(.idMap(0)) : -1
            }
            slots.put(try overlay.mount(idMap: idMap), .root)
        case .startScope(let wanted):
            scope = try ScopeHolder.start(wanted, id: plan.id, mountPoint: host.cgroup.mountPoint ?? "")
        case .makeCgroup(let path, let controllers):
            if !host.cgroup.base.isEmpty { leaf = try RuntimeLeaf.enter(host.cgroup, id: plan.id) }
            let made = try Cgroup.create(path: path, host: host.cgroup, controllers: controllers)
            cgroup = made
            slots.put(try explaining(failure(action.title)) { () throws(Errno) in try made.openDirectory() }, .cgroup)
        case .setCgroup(let setting):
            try orWarn(setting.optional) { () throws(BoxError) in
                try Cgroup.write(setting, in: descriptor(.cgroup))
            }
        case .attachDeviceProgram(let program, let optional):
            try orWarn(optional) { () throws(BoxError) in
                let loaded = deviceProgram?.program == program ? deviceProgram : nil
                let made = if let loaded { loaded } else { try program.load() }
                try made.attach(to: descriptor(.cgroup))
            }
            deviceProgram = nil
        case .moveNetDevices(let devices): try moveNetDevices(devices, pid: pid ?? 0)
        case .makeResctrlGroup(let group):
            resctrl = group
            try resctrl?.make()
        case .joinResctrlGroup(let group): try group.add(pid ?? 0)
        case .openNamespace(let kind, let path, let setting): try openNamespace(kind, path, notOwn: setting)
        case .cloneSource(let index, let source): slots.put(try clone(source), .source(index))
        case .cloneDevice(let index, let device): slots.put(try clone(device), .source(index))
        case .openBox(let pid, let start): slots.put(try openBox(pid: pid, start: start), .box)
        case .openCgroup(let path): slots.put(try openCgroup(path), .cgroup)
        case .connectAgent(let path): slots.put(try SeccompAgent.connect(path), .agent)
        case .runHook(let stage, let hook):
            try HookRunner(stage: stage, hook: hook).run(currentState(stage.status, pid: pid ?? 0))
        default: try explaining(failure(action.title)) { () throws(Errno) in try call(action, pid: pid) }
        }
    }

    private func call(_ action: Action, pid: CInt?) throws(Errno) {
        switch action {
        // Done before there was a plan, by who started this program once more: here it is made sure of.
        case .enterUserNamespace: if Caller.userID != 0 { throw .notPermitted }
        case .privateMounts:
            try Namespaces.mount.unshare()
            try Mounts.changePropagation("/", .private, recursive: true)
        case .makeIDMap(let map, let slot): slots.put(try map.makeNamespace(), slot)
        case .cloneRoot(let source): slots.put(try tree(source), .root)
        case .setAffinity(let processors): try OwnProcess.setAffinity(processors)
        case .becomeUndumpable: try OwnProcess.becomeUndumpable()
        case .dropGroups: try OwnProcess.setGroups([])
        case .joinNamespace(let kind): try kind.join(slots.get(.namespace(kind)))
        case .makeTimeNamespace(let offsets):
            try Namespaces.time.unshare()
            if !offsets.text.isEmpty { try File.writeValue(offsets.text, to: "/proc/self/timens_offsets") }
        case .mapIDs(let map): try map.write(pid: pid ?? 0)
        case .adjustOOMScore(let score):
            try File.writeValue(String(score), to: "/proc/\(pid ?? 0)/oom_score_adj")
        case .holdMounts: slots.put(try File.open("/proc/\(pid ?? 0)/ns/mnt", FileFlags.readOnly), .mounts)
        case .openProc: slots.put(try FileSystemContext(type: "proc").mount(), .proc)
        case .joinBox(let kinds): try kinds.join(slots.get(.box))
        case .openStartSocket(let path):
            slots.put(try UnixSocket.listen(path + "/" + StateDirectory.startSocket, .records), .start)
        // A step of the init process's in the runtime's list: the compiler of plans is wrong.
        default: throw .invalidArgument
        }
    }

    /// What nobody asked for by name may fail: then the box runs without it, and one line says so.
    private func orWarn(_ optional: Bool, _ body: () throws(BoxError) -> Void) throws(BoxError) {
        do throws(BoxError) {
            try body()
        } catch {
            if !optional { throw error }
            warnings.append(error.oneLine)
        }
    }

    private func descriptor(_ slot: Slot) throws(BoxError) -> CInt {
        try explaining({ BoxError(.internal, "the plan has no \(slot)", errno: $0) }) { () throws(Errno) in
            try slots.get(slot)
        }
    }
}

extension TimeOffsets {
    /// As /proc/PID/timens_offsets takes it: time_namespaces(7).
    fileprivate var text: String {
        [("monotonic", monotonic), ("boottime", boottime)].compactMap { name, offset in
            offset.map { "\(name) \($0.seconds) \($0.nanoseconds)\n" }
        }.joined()
    }
}
