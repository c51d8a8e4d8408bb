internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity

extension RunOptions {
    /// Whether the value of `seccomp=` is a profile itself, as clients send it to the daemon, and not the name of a file.
    public static func isSeccompProfile(_ value: some StringProtocol) -> Bool {
        value.first { !" \n\r\t".contains($0) } == "{"
    }

    /// `--cap-add`, `--cap-drop`, `--security-opt`, `--privileged`, and what follows from them: seccomp,
    /// masks, device rules, no_new_privs.
    func applySecurity(
        to spec: inout Spec, _ process: inout Process, _ context: SpecContext
    ) throws(BoxError) {
        let options = try SecurityOptions(securityOpts, context)
        // A new user namespace has them all, whatever the caller has.
        let ownUsers = spec.linux.namespaces.contains { $0.type == .user }
        let capabilities = try capabilityNames(all: ownUsers ? .all : context.callerCapabilities)
        process.capabilities = capabilitySets(capabilities, uid: process.user.uid)
        if !capAdd.isEmpty || privileged { spec.record(capabilityFlag, "process.capabilities") }
        process.noNewPrivileges = options.noNewPrivileges ?? !privileged
        process.apparmorProfile = options.apparmorProfile
        process.selinuxLabel = options.selinuxLabel
        for field in ["noNewPrivileges", "apparmorProfile", "selinuxLabel"] {
            spec.record("--security-opt", "process.\(field)")
        }
        switch options.seccomp {
        case .profile(let profile): spec.linux.seccomp = profile
        case .unconfined: break
        case nil:
            if !privileged { spec.linux.seccomp = DefaultSeccompProfile.profile(capabilities: capabilities) }
        }
        if options.seccomp != nil { spec.record("--security-opt", "linux.seccomp") }
        if !privileged {
            spec.linux.maskedPaths = DefaultBox.maskedPaths
            spec.linux.readonlyPaths = DefaultBox.readonlyPaths
        }
        spec.linux.resources.devices =
            privileged ? [DefaultBox.allow("a", nil, nil, "rwm")] : DefaultBox.deviceRules
        spec.box.defaults.append("linux.resources.devices")
        try applyDevices(to: &spec, context)
    }

    private var capabilityFlag: String { capAdd.isEmpty ? "--privileged" : "--cap-add" }

    /// The bounding set: the default or all of them, more by `--cap-add`, less by `--cap-drop`.
    /// `--cap-drop ALL --cap-add X` leaves X, in whichever order they stand.
    func capabilityNames(all: CapabilitySet) throws(BoxError) -> CapabilitySet {
        var set = privileged ? all : CapabilitySet.swiftboxDefault
        let added = try capabilities(capAdd, "--cap-add")
        let dropped = try capabilities(capDrop, "--cap-drop")
        if dropped.all { set = [] }
        if added.all { set = all }
        if added.all && dropped.all {
            throw conflict("--cap-add ALL", with: "--cap-drop ALL", "nothing is left to say")
        }
        let both = added.named.intersection(dropped.named)
        if let name = both.names.first {
            throw conflict("--cap-add \(name)", with: "--cap-drop \(name)", "they contradict each other")
        }
        set.formUnion(added.named)
        set.subtract(dropped.named)
        return set
    }

    private func capabilities(
        _ texts: [String], _ flag: String
    ) throws(BoxError) -> (all: Bool, named: CapabilitySet) {
        var all = false
        var named: CapabilitySet = []
        for text in texts {
            if text.uppercased() == "ALL" {
                all = true
            } else if let one = CapabilitySet(name: text) {
                named.formUnion(one)
            } else {
                throw refusal(
                    flag, text, "no such capability", remedy: "a name such as NET_ADMIN or CAP_NET_ADMIN, or ALL")
            }
        }
        return (all, named)
    }

    /// The inheritable and ambient sets stay empty for root. Anybody else loses the rest on exec, so what
    /// `--cap-add` names is made ambient for them: it was asked for.
    private func capabilitySets(_ bounding: CapabilitySet, uid: UInt32) -> CapabilitySets {
        var sets = CapabilitySets()
        sets.bounding = bounding.names
        if uid == 0 {
            sets.effective = sets.bounding
            sets.permitted = sets.bounding
            return sets
        }
        let all = capAdd.contains { $0.uppercased() == "ALL" }
        let added = capAdd.compactMap { CapabilitySet(name: $0) }.reduce(into: CapabilitySet()) { $0.formUnion($1) }
        let kept = (all ? bounding : added.intersection(bounding)).names
        sets.effective = kept
        sets.permitted = kept
        sets.inheritable = kept
        sets.ambient = kept
        return sets
    }
}

/// What `--security-opt` says; nil is nothing.
struct SecurityOptions {
    enum Filter: Equatable {
        case unconfined
        case profile(Seccomp)
    }

    private static let flag = "--security-opt"
    var seccomp: Filter?
    var noNewPrivileges: Bool?
    var apparmorProfile: String?
    var selinuxLabel: String?

    init(_ texts: [String], _ context: SpecContext) throws(BoxError) {
        var seen: Set<String> = []
        for text in texts {
            let (name, value) = cutPair(text) ?? (text, nil)
            if !seen.insert(name).inserted { throw refusal(Self.flag, text, "\(name) is given twice") }
            switch (name, value) {
            case ("no-new-privileges", nil), ("no-new-privileges", "true"): noNewPrivileges = true
            case ("no-new-privileges", "false"): noNewPrivileges = false
            case ("seccomp", "unconfined"): seccomp = .unconfined
            case ("seccomp", .some(let value)) where RunOptions.isSeccompProfile(value):
                seccomp = .profile(try Self.profile(Array(value.utf8), "{…}"))
            case ("seccomp", .some(let path)) where !path.isEmpty:
                seccomp = .profile(try Self.profile(try context.readFile(context.absolute(path), Self.flag), path))
            case ("apparmor", .some(let profile)) where !profile.isEmpty: apparmorProfile = profile
            case ("label", "disable"): break
            case ("label", .some(let label)) where label.split(separator: ":").count >= 3: selinuxLabel = label
            default:
                throw refusal(
                    Self.flag, text, "not understood",
                    remedy: "seccomp=FILE, seccomp=unconfined, no-new-privileges[=false], apparmor=PROFILE, "
                        + "label=USER:ROLE:TYPE[:LEVEL] or label=disable")
            }
        }
    }

    /// What stands under `linux.seccomp` in config.json; `path` is for errors.
    private static func profile(_ bytes: [UInt8], _ path: String) throws(BoxError) -> Seccomp {
        do {
            let node = try JSON.parse(bytes)
            try refuseConditions(node, path)
            let wrapped = Node(
                .object([
                    Member("ociVersion", Node(.string(Spec().ociVersion))),
                    Member("linux", Node(.object([Member("seccomp", node)]))),
                ]))
            guard let seccomp = try Spec(document: wrapped).linux.seccomp else {
                throw refusal(flag, path, "holds no seccomp profile")
            }
            return seccomp
        } catch let error as DocumentError {
            throw BoxError(
                .invalidSpec, "\(flag) seccomp=\(path): \(error.message)", field: flag, position: error.position)
        } catch let error as BoxError {
            var named = error
            if !error.message.hasPrefix(flag) { named.message = "\(flag) seccomp=\(path): \(error)" }
            named.field = flag
            throw named
        } catch {
            throw BoxError(.internal, "\(flag) seccomp=\(path): \(error)", field: flag)
        }
    }

    /// Engines' profiles hold rules that count for some capabilities or kernels alone. To read those as plain rules
    /// would allow more than the file says.
    private static func refuseConditions(_ node: Node, _ path: String) throws(BoxError) {
        var conditional = node["archMap"] == nil ? nil : "archMap"
        if case .array(let rules)? = node["syscalls"]?.value {
            for rule in rules {
                for key in ["includes", "excludes"] {
                    if case .object(let members)? = rule[key]?.value, !members.isEmpty { conditional = key }
                }
            }
        }
        if let conditional {
            throw refusal(
                flag, "seccomp=\(path)", "\(conditional) belongs to an engine's template, not to an OCI profile",
                .unsupported, remedy: "give a profile as it stands under linux.seccomp in config.json")
        }
    }
}
