public import BoxOCI

/// One value for one cgroup v2 file.
public struct CgroupSetting: Equatable, Sendable {
    public var file: String
    public var value: String
    /// Where it was asked for in config.json: `linux.resources.pids.limit`.
    public var field: String
    /// The controller that has the file; nil for files of the cgroup core.
    public var controller: String?
    /// What its owner calls it: the flag as typed, `--pids-limit 64`, or the field.
    public var name: String
    /// What was asked: the flag as typed, or the field with its value.
    public var asked: String
    /// A default of ours, or `--best-effort`: a kernel that cannot do it means a warning, not an error.
    public var optional: Bool
}

/// `linux.resources` as cgroup v2 files, in the order in which they are to be written. A pure value.
///
/// A 0 means "not set" for memory, cpu, pids and block io, as engines send it. `memory.checkBeforeUpdate` concerns
/// changes to a running box and has no effect on a new one. Device rules become a program: `DeviceProgram`.
public struct CgroupSettings: Equatable, Sendable {
    public var settings: [CgroupSetting] = []
    /// What this host cannot apply and may go without: one for a field.
    public var warnings: [BoxError] = []

    /// The controllers that the cgroup needs, each once.
    public var controllers: [String] {
        var all: [String] = []
        for controller in settings.compactMap(\.controller) where !all.contains(controller) { all.append(controller) }
        return all
    }

    /// Throws `.invalidSpec` for a value that no kernel takes, `.unsupported` for one that this host cannot apply,
    /// unless `box.bestEffort` or `box.defaults` makes that a warning.
    ///
    /// For a new box, 0 is nothing to write. Where a running one is changed, `clears` tells the fields whose 0 takes a
    /// limit away: a device's rate or weight, `cpu.burst`, `cpu.idle`.
    public static func compile(
        _ resources: Resources, box: BoxExtension, host: CgroupHost, clears: @escaping (String) -> Bool = { _ in false }
    ) throws(BoxError) -> CgroupSettings {
        var compiler = SettingsCompiler(box: box, host: host, clears: clears)
        if let memory = resources.memory {
            let oomGroupIsNamed = resources.unified.contains { $0.name == "memory.oom.group" }
            try compiler.add(memory, groupKill: !oomGroupIsNamed)
        }
        if let cpu = resources.cpu { try compiler.add(cpu) }
        if let pids = resources.pids { try compiler.add(pids) }
        if let blockIO = resources.blockIO { try compiler.add(blockIO) }
        for (index, limit) in resources.hugepageLimits.enumerated() { try compiler.add(limit, index) }
        for limit in resources.rdma { try compiler.add(limit) }
        // Last, so that a file named outright has the last word.
        for pair in resources.unified { try compiler.add(unified: pair) }
        if !resources.devices.isEmpty { try compiler.requireHierarchyForDevices() }
        return compiler.result
    }
}

/// Collects settings, and decides about each whether this host can apply it.
struct SettingsCompiler {
    let box: BoxExtension
    let host: CgroupHost
    let clears: (String) -> Bool
    var result = CgroupSettings()

    /// `converted`: the value is not the field's, so the file is shown with it.
    /// False when the setting was dropped with a warning.
    @discardableResult
    mutating func add(
        _ file: String, _ value: String, _ field: String, controller: String?, converted: Bool = false
    ) throws(BoxError) -> Bool {
        let flag = box.flag(for: field)
        let name = flag ?? field
        let asked = flag ?? (converted ? "\(field) (\(file) \(value))" : "\(field) \(value)")
        if let reason = unavailability(of: controller) {
            try drop(field, name, asked, reason)
            return false
        }
        result.settings.append(
            CgroupSetting(
                file: file, value: value, field: field, controller: controller, name: name, asked: asked,
                optional: isOptional(field)))
        return true
    }

    /// Device rules are a program, not a file, but they need a cgroup too.
    mutating func requireHierarchyForDevices() throws(BoxError) {
        let field = "linux.resources.devices"
        // Engines always send rules for devices; who does without a cgroup has said that none hold.
        if box.cgroupManager == .disabled {
            result.warnings.append(
                BoxError(
                    .unsupported, "\(name(of: field)) is not applied: the box has no cgroup", field: name(of: field),
                    found: "--cgroup-manager is disabled"))
        } else if let reason = unavailability(of: nil) {
            try drop(field, name(of: field), name(of: field), reason)
        }
    }

    func invalid(_ field: String, _ message: String, found: String) -> BoxError {
        BoxError(.invalidSpec, "\(name(of: field)) \(message)", field: name(of: field), found: found)
    }

    private func isOptional(_ field: String) -> Bool { box.bestEffort || box.defaults.contains(field) }

    private func name(of field: String) -> String { box.flag(for: field) ?? field }

    private mutating func drop(
        _ field: String, _ name: String, _ asked: String, _ reason: Unavailability
    ) throws(BoxError) {
        let isDefault = box.defaults.contains(field)
        let message =
            isDefault
            ? "the default \(asked) is not applied: \(reason.cause)" : "cannot apply \(asked): \(reason.cause)"
        let optional = isOptional(field)
        let error = BoxError(
            .unsupported, message, field: name, found: reason.found,
            remedy: optional ? reason.remedy : reason.remedy + ", or pass --best-effort to run without it")
        if !optional { throw error }
        if !result.warnings.contains(where: { $0.field == name }) { result.warnings.append(error) }
    }

    private struct Unavailability {
        var cause: String
        var found: String
        var remedy: String
    }

    /// nil: the host can give it.
    private func unavailability(of controller: String?) -> Unavailability? {
        if box.cgroupManager == .disabled {
            return Unavailability(
                cause: "the box has no cgroup", found: "--cgroup-manager is disabled",
                remedy: "leave out the flag, or the limit")
        }
        guard let mountPoint = host.mountPoint else {
            return Unavailability(
                cause: "no cgroup v2 hierarchy is mounted", found: "/proc/self/mountinfo names no cgroup2 file system",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup")
        }
        if host.isUndelegated {
            return Unavailability(
                cause: "the caller's cgroup is not delegated", found: "\(mountPoint)\(host.ownPath) cannot be written",
                remedy: "systemd-run --user --scope -p Delegate=yes swiftbox run …, or run as root")
        }
        if host.readOnly {
            return Unavailability(
                cause: "the cgroup v2 hierarchy is read-only", found: "\(mountPoint) is mounted read-only",
                remedy: "have it mounted writable")
        }
        guard let controller, !host.offers(controller) else { return nil }
        let cause = "the \(controller) controller is not available in this cgroup v2 hierarchy"
        if host.v1Controllers.contains(controller == "io" ? "blkio" : controller) {
            return Unavailability(
                cause: cause, found: "\(controller) is bound to cgroup v1 on this host",
                remedy: "boot with systemd.unified_cgroup_hierarchy=1")
        }
        if host.controllers.contains(controller) {
            return Unavailability(
                cause: cause, found: "the cgroup at \(mountPoint) has processes of its own, so it passes none on",
                remedy: "move them to a child cgroup")
        }
        let offered = host.controllers.isEmpty ? "nothing" : host.controllers.joined(separator: " ")
        return Unavailability(
            cause: cause, found: "\(mountPoint)/cgroup.controllers has \(offered)",
            remedy: "have \(controller) delegated to this cgroup")
    }
}
