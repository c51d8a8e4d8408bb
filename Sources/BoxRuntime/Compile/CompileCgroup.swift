internal import BoxCgroup
internal import BoxOCI

extension Compiler {
    /// The cgroup and what is written into it, before the box is born there.
    mutating func addCgroup() throws(BoxError) {
        let resources = spec.linux.resources
        let compiled = try CgroupSettings.compile(resources, box: spec.box, host: host.cgroup)
        for warning in compiled.warnings {
            warn(warning.oneLine)
            plan.unapplied.append(Pair(warning.field ?? "", warning.message))
        }
        guard host.cgroup.canMakeCgroups, spec.box.cgroupManager != .disabled else {
            if let path = spec.linux.cgroupsPath, !path.isEmpty, spec.box.cgroupManager == .disabled {
                warn("linux.cgroupsPath: \(path) is not made: --cgroup-manager is disabled")
            }
            return try refuseProcessorTime()
        }
        let path = spec.box.cgroupManager == .systemd ? try addScope() : try cgroupPath()
        prepare(
            .makeCgroup(path: path, controllers: compiled.controllers + counted(beside: compiled.controllers)),
            "limits, freezing and killing act on the box as a whole", "linux.cgroupsPath")
        for setting in compiled.settings {
            prepare(.setCgroup(setting), setting.asked, setting.field)
        }
        if !resources.devices.isEmpty {
            let field = "linux.resources.devices"
            let program = try DeviceProgram.compile(spec.deviceRules)
            let optional = spec.box.bestEffort || spec.box.defaults.contains(field)
            prepare(.attachDeviceProgram(program, optional: optional), "only these devices can be opened", field)
        }
    }

    /// Cache and memory bandwidth, which have a file system of their own.
    mutating func addResctrl() throws(BoxError) {
        guard let wanted = spec.linux.intelRdt else { return }
        if !host.resctrl {
            throw BoxError(
                .unsupported, "cannot divide cache and memory bandwidth", field: "linux.intelRdt",
                found: "no resctrl file system is mounted at \(ResctrlGroup.root)",
                remedy: "leave it out, or mount resctrl, where processor and kernel have it")
        }
        let group = ResctrlGroup(wanted, id: place.id)
        prepare(.makeResctrlGroup(group), "asked for by linux.intelRdt", "linux.intelRdt")
        attend(.joinResctrlGroup(group), "before the box has processes of its own", "linux.intelRdt")
    }

    /// The cgroup of the box is below that of the scope.
    private mutating func addScope() throws(BoxError) -> String {
        if !host.initialUserNamespace {
            throw BoxError(
                .unsupported, "the systemd cgroup manager is for root", field: "--cgroup-manager",
                remedy: "run as root, or leave out the flag")
        }
        let scope = try SystemdScope(cgroupsPath: spec.linux.cgroupsPath, id: place.id)
        prepare(
            .startScope(scope), "asked for by --cgroup-manager: systemd owns the cgroups of this host",
            "linux.cgroupsPath")
        return scope.boxPath
    }

    /// A report tells what the box used of everything that this host can count.
    private func counted(beside controllers: [String]) -> [String] {
        if !spec.box.accounting { return [] }
        return ["cpu", "memory", "io", "pids"].filter { host.cgroup.offers($0) && !controllers.contains($0) }
    }

    private mutating func refuseProcessorTime() throws(BoxError) {
        if spec.box.cpuTimeout == nil { return }
        let error = BoxError(
            .unsupported, "processor time cannot be limited: no cgroup of this box would count it",
            field: "swiftbox.cpuTimeout", remedy: "--timeout limits the wall clock, or pass --best-effort")
        if !spec.box.bestEffort { throw error }
        warn(spec.box.namingFlag(error).oneLine)
        plan.unapplied.append(Pair(spec.box.flag(for: "swiftbox.cpuTimeout") ?? "swiftbox.cpuTimeout", error.message))
    }

    /// Directly below the mount's root when nothing else is said, so that no parent has to be made or removed; there,
    /// too, is what a relative path starts from.
    private func cgroupPath() throws(BoxError) -> String {
        guard let path = spec.linux.cgroupsPath, !path.isEmpty else {
            return host.cgroup.base + "/swiftbox-" + place.id
        }
        if path.contains(":") {
            throw BoxError(
                .unsupported, "slice:prefix:name is the form of the systemd cgroup manager",
                field: "linux.cgroupsPath", found: path,
                remedy: "give a path such as /boxes/\(place.id), or --cgroup-manager systemd")
        }
        return path.hasPrefix("/") ? path : host.cgroup.base + "/" + path
    }
}

extension Spec {
    /// The spec's rules, then what every box has (runtime-spec, default devices). What the spec puts into /dev can be
    /// made there; whether it can be opened is for its rules to say.
    var deviceRules: [Resources.DeviceRule] {
        let named = linux.devices.filter { $0.type != "p" }.map { device in
            var rule = Resources.DeviceRule(allow: true)
            rule.type = device.type == "b" ? "b" : "c"
            rule.major = device.major
            rule.minor = device.minor
            rule.access = "m"
            return rule
        }
        return linux.resources.devices + DeviceProgram.defaultRules + named
    }
}
