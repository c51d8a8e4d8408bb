internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// `update`: other limits for a living box, all of them or none.
public enum BoxUpdate {
    /// Writes what the change names into the box's cgroup and the box's stored spec. When a step fails, everything is as it
    /// was. `.invalidState` when the box has ended; an error of the change's own has the flag, or the position in its
    /// text. Returns the warnings of a box that was made with `--best-effort`.
    public static func update(
        id: String, stateRoot: String, _ change: ResourceChange, schemata: SchemataChange = SchemataChange()
    ) throws(BoxError) -> [String] {
        let directory = try StateDirectory.occupy(stateRoot + "/" + id)
        let box = try ControlledBox(id, in: stateRoot)
        try box.requireAlive("update")
        let old = try Boxes.spec(of: id, in: stateRoot)
        do throws(BoxError) {
            let new = try changed(old, change, schemata)
            return try carryOut(change, schemata, from: old, to: new, box, directory)
        } catch {
            var located = old.box.removing(change).adding(change).namingFlag(error)
            located.position = error.position ?? error.field.flatMap { change.position(of: $0) }
            throw located
        }
    }

    private static func changed(
        _ old: Spec, _ change: ResourceChange, _ schemata: SchemataChange
    ) throws(BoxError) -> Spec {
        var new = old
        try schemata.apply(to: &new)
        new.linux.resources = try change.applied(to: old.linux.resources)
        new.box = old.box.removing(change).adding(change)
        try new.validate()
        return new
    }

    private static func carryOut(
        _ change: ResourceChange, _ schemata: SchemataChange, from old: Spec, to new: Spec, _ box: ControlledBox,
        _ state: StateDirectory
    ) throws(BoxError) -> [String] {
        let host = try CgroupHost.probe()
        let settings = try SettingsOfChange.compile(change, from: old, to: new, host: host)
        let devices =
            change.names("linux.resources.devices") ? try DeviceProgram.compile(new.deviceRules) : nil
        let cgroup = try box.cgroup(for: "update")
        try cgroup.provide(settings.controllers)
        let directory = try box.openCgroup(for: "update")
        try MemoryInUse.check(new.linux.resources, change, in: directory.raw)
        let write = CgroupChange(in: directory.raw)
        let group = "\(ResctrlGroup.root)/\(new.linux.intelRdt?.closID ?? box.state.id)/schemata"
        var oldSchemata: [String] = []
        do throws(BoxError) {
            let refused = try write.write(settings.settings)
            if let devices { try write.replaceDevices(devices) }
            if !schemata.isEmpty { oldSchemata = try schemata.write(to: group) }
            try state.write(new)
            return (settings.warnings + refused).map(\.oneLine)
        } catch {
            var failure = error
            for problem in write.undo() + restore(oldSchemata, group) {
                failure.remedy = (failure.remedy.map { "\($0); " } ?? "") + "not restored: \(problem.oneLine)"
            }
            throw failure
        }
    }

    private static func restore(_ lines: [String], _ file: String) -> [BoxError] {
        var problems: [BoxError] = []
        for line in lines {
            do throws(BoxError) { try SchemataChange.write(line, to: file) } catch { problems.append(error) }
        }
        return problems
    }
}

extension BoxExtension {
    /// Without what was typed, or set by us, for fields that the change names.
    fileprivate func removing(_ change: ResourceChange) -> BoxExtension {
        var box = self
        // Of a list, each entry's: where it stands may have changed.
        box.flags.removeAll { change.names(String($0.name.prefix { $0 != "[" })) }
        box.defaults.removeAll { change.names($0) }
        return box
    }

    fileprivate func adding(_ change: ResourceChange) -> BoxExtension {
        var box = self
        box.flags += change.flags
        return box
    }
}

/// Which files a change writes.
enum SettingsOfChange {
    /// Those whose value becomes another, and those that the change names even if it is the same: somebody else may have
    /// written them meanwhile. Ordered so that the kernel takes each.
    static func compile(
        _ change: ResourceChange, from old: Spec, to new: Spec, host: CgroupHost
    ) throws(BoxError) -> CgroupSettings {
        let before = try CgroupSettings.compile(old.linux.resources, box: old.box, host: host).settings
        var after = try CgroupSettings.compile(new.linux.resources, box: new.box, host: host, clears: change.names)
        let all = after.settings
        after.settings = all.filter { setting in
            change.names(setting.field)
                || !before.contains { $0.file == setting.file && $0.value == setting.value }
        }
        after.settings = cpusetLast(makingRoomForQuota(after.settings, all))
        return after
    }

    /// An empty cpuset cannot be restored as such: nothing that may fail comes after it.
    private static func cpusetLast(_ settings: [CgroupSetting]) -> [CgroupSetting] {
        settings.filter { $0.controller != "cpuset" } + settings.filter { $0.controller == "cpuset" }
    }

    /// A quota may not be below the burst: the burst is taken away first, and given back after it.
    private static func makingRoomForQuota(_ settings: [CgroupSetting], _ all: [CgroupSetting]) -> [CgroupSetting] {
        guard settings.contains(where: { $0.file == "cpu.max" }),
            let burst = all.last(where: { $0.file == "cpu.max.burst" })
        else { return settings }
        var none = burst
        none.value = "0"
        return [none] + settings.filter { $0.file != burst.file } + [burst]
    }
}

/// `memory.checkBeforeUpdate`: a limit below what is in use would have the kernel kill at once.
private enum MemoryInUse {
    static func check(_ resources: Resources, _ change: ResourceChange, in directory: CInt) throws(BoxError) {
        guard let memory = resources.memory, memory.checkBeforeUpdate == true, let limit = memory.limit, limit > 0
        else { return }
        try refuse("memory.current", above: limit, "linux.resources.memory.limit", directory)
        if let swap = memory.swap, swap > 0 {
            try refuse("memory.swap.current", above: swap - limit, "linux.resources.memory.swap", directory)
        }
    }

    private static func refuse(_ file: String, above limit: Int64, _ field: String, _ directory: CInt) throws(BoxError)
    {
        let text = try explaining({ BoxError(.kernel, "cannot read \(file)", field: field, errno: $0) }) {
            () throws(Errno) in try File.text(of: file, at: directory)
        }
        guard let used = Int64(text.prefix { $0 != "\n" }), used > limit else { return }
        throw BoxError(
            .invalidState, "would be below what the box uses", field: field, found: "\(file) is \(used)",
            remedy: "leave out linux.resources.memory.checkBeforeUpdate to have the kernel reclaim, or kill")
    }
}
