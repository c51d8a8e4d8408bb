internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    /// The default nodes and links, then `linux.devices`. A /dev that is bound from elsewhere is left as it is.
    mutating func addDevices() {
        let dev = spec.mounts.last { Self.normal($0.destination) == "/dev" }
        if let dev, dev.type == "bind" || dev.options.contains(where: { $0 == "bind" || $0 == "rbind" }) { return }
        let named = spec.linux.devices.map(\.path)
        let defaults = DeviceNodes.defaults.filter { !named.contains($0.path) }
        if bindsNodes {
            for device in defaults { addDevice(device, "every box has it", nil) }
            initialise(.fillDev(devices: [], links: DeviceNodes.links), "every box has them")
        } else {
            initialise(.fillDev(devices: defaults, links: DeviceNodes.links), "every box has them")
        }
        for (index, device) in spec.linux.devices.enumerated() {
            let field = "linux.devices[\(index)]"
            addDevice(device, "asked for by \(field)", field)
        }
    }

    /// mknod(2) is refused in a user namespace, the box's or one that the runtime is in, but for pipes: there the host's
    /// node is bound.
    private var bindsNodes: Bool { has(.user) || !host.initialUserNamespace }

    private mutating func addDevice(_ device: Device, _ reason: String, _ field: String?) {
        if !bindsNodes || device.type == "p" { return initialise(.makeDevice(device), reason, field) }
        let index = nextSource()
        prepare(.cloneDevice(index: index, device), "a user namespace cannot make device nodes", field)
        initialise(.bindDevice(index: index, device), reason, field)
    }

    mutating func addTerminal() {
        guard let process = spec.process, process.terminal else { return }
        plan.workload.terminal = true
        initialise(
            .openTerminal(process.consoleSize, owner: process.user.uid, isConsole: true),
            "standard streams are a terminal of the box", "process.terminal")
    }

    mutating func addPathProtection() {
        for path in Self.once(spec.linux.readonlyPaths) {
            initialise(.protectPath(path), "asked for by linux.readonlyPaths", "linux.readonlyPaths")
        }
        // Groups of the user that the kernel does not take away could read what the user's id could not.
        var secrets: [String] = []
        if !host.initialUserNamespace, case .host? = spec.box.rootfs?.base { secrets = HiddenPaths.ofEtc }
        let masked = Self.once(spec.linux.maskedPaths + secrets)
        if !masked.isEmpty {
            initialise(.maskPaths(masked), "asked for by linux.maskedPaths", "linux.maskedPaths")
        }
        if spec.root?.readonly == true {
            initialise(.makeRootReadOnly, "the box cannot write to its root", "root.readonly")
        }
    }

    /// Without those that name the same place as one before; a few, compared one by one.
    private static func once(_ paths: [String]) -> [String] {
        let places = paths.map(normal)
        return paths.indices.filter { !places[..<$0].contains(places[$0]) }.map { paths[$0] }
    }

    mutating func addPivot() {
        if needsProc { initialise(.openProc, "writes to /proc never go through a path of the box") }
        if place.withoutPivot {
            warn("--no-pivot: the host's mounts stay below the box's root; a process that may chroot(2) can get out")
            initialise(.changeRoot, "asked for by --no-pivot")
        } else if makes(.mount) {
            initialise(.pivotRoot, "the host's file systems are out of reach")
        } else {
            initialise(.changeRoot, "a pivot would change the root of whoever else is in this mount namespace")
        }
        if let (kind, recursive) = rootPropagation {
            let field = "linux.rootfsPropagation"
            initialise(.propagateRoot(kind, recursive: recursive), "asked for by \(field)", field)
        }
    }

    private var needsProc: Bool {
        !spec.linux.sysctl.isEmpty || spec.process?.apparmorProfile?.isEmpty == false
            || spec.process?.selinuxLabel?.isEmpty == false
    }
}
