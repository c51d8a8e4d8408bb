import BoxDocument
import BoxOCI
import Testing

/// What the specification's JSON schemas ask of a value; written down from them by hand.
private enum Kind: Sendable {
    case text, flag, object, array
    /// A whole number; the first ones below and above the range are in JSON's own words.
    case number(below: String, least: String, most: String, above: String)
    case name([String])

    static let uint16 = number(below: "-1", least: "0", most: "65535", above: "65536")
    static let uint32 = number(below: "-1", least: "0", most: "4294967295", above: "4294967296")
    static let uint64 = number(below: "-1", least: "0", most: "18446744073709551615", above: "18446744073709551616")
    static let int32 = number(below: "-2147483649", least: "-2147483648", most: "2147483647", above: "2147483648")
    static let int64 = number(
        below: "-9223372036854775809", least: "-9223372036854775808", most: "9223372036854775807",
        above: "9223372036854775808")
    static let fileMode = number(below: "-1", least: "0", most: "511", above: "512")

    var refused: [String] {
        switch self {
        case .text: ["1", "true", "[]", "{}", "1.5"]
        case .flag: ["0", "1", "\"true\"", "[]", "{}"]
        case .object: ["[]", "\"\"", "1", "true"]
        case .array: ["{}", "\"\"", "1", "false"]
        case .number(let below, _, _, let above): [below, above, "\"1\"", "true", "1.5", "1.0", "[]", "{}"]
        case .name: Kind.text.refused + ["\"NO_SUCH_NAME\"", "\" \""]
        }
    }

    /// Types and names alone; what a number may be besides is said by the specification's text, not by the schema.
    var accepted: [String] {
        switch self {
        case .text: ["\"\"", "\"any text\""]
        case .flag: ["true", "false"]
        case .object: []
        case .array: ["[]"]
        case .number(_, let least, let most, _): [least, most]
        case .name(let names): names.map { "\"\($0)\"" }
        }
    }
}

/// A value of `whole`, by the path that an error names.
private struct Place: Sendable, CustomStringConvertible {
    var path: String
    var kind: Kind
    var description: String { path }

    static func all(_ kind: Kind, _ prefix: String, _ names: String) -> [Place] {
        names.split(separator: " ").map { Place(path: prefix + $0, kind: kind) }
    }
}

private let actions = ["KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "ALLOW", "LOG", "NOTIFY"].map {
    "SCMP_ACT_" + $0
}
private let architectures = [
    "X86", "X86_64", "X32", "ARM", "AARCH64", "LOONGARCH64", "M68K", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL",
    "MIPSEL64",
    "MIPSEL64N32", "PPC", "PPC64", "PPC64LE", "S390", "S390X", "SH", "SHEB", "PARISC", "PARISC64", "RISCV64",
].map { "SCMP_ARCH_" + $0 }

private let process: [Place] =
    Place.all(.object, "", "process")
    + Place.all(.flag, "process.", "terminal noNewPrivileges")
    + Place.all(.object, "process.", "consoleSize user capabilities ioPriority scheduler execCPUAffinity")
    + Place.all(.array, "process.", "args env rlimits user.additionalGids scheduler.flags")
    + Place.all(.text, "process.", "args[0] env[0] commandLine apparmorProfile selinuxLabel user.username")
    // The kernel keeps 16 bits of each; the schema would take 64.
    + Place.all(.uint16, "process.consoleSize.", "height width")
    + Place.all(.uint32, "process.user.", "uid gid umask additionalGids[0]")
    + ["bounding", "effective", "permitted", "inheritable", "ambient"].flatMap {
        Place.all(.array, "process.capabilities.", $0) + Place.all(.text, "process.capabilities.", $0 + "[0]")
    }
    + Place.all(.int64, "process.", "oomScoreAdj")
    + Place.all(.int32, "process.", "ioPriority.priority scheduler.nice scheduler.priority")
    + Place.all(.uint64, "process.", "scheduler.runtime scheduler.deadline scheduler.period")
    + Place.all(.object, "process.", "rlimits[0]") + Place.all(.uint64, "process.rlimits[0].", "soft hard")
    + Place.all(.text, "process.rlimits[0].", "type")
    + Place.all(.text, "process.execCPUAffinity.", "initial final")
    + [
        Place(
            path: "process.ioPriority.class",
            kind: .name(["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"])),
        Place(
            path: "process.scheduler.policy",
            kind: .name(["OTHER", "FIFO", "RR", "BATCH", "ISO", "IDLE", "DEADLINE"].map { "SCHED_" + $0 })),
        Place(
            path: "process.scheduler.flags[0]",
            kind: .name(
                [
                    "RESET_ON_FORK", "RECLAIM", "DL_OVERRUN", "KEEP_POLICY", "KEEP_PARAMS", "UTIL_CLAMP_MIN",
                    "UTIL_CLAMP_MAX",
                ].map { "SCHED_FLAG_" + $0 })),
    ]

private let top: [Place] =
    Place.all(.object, "", "root hooks annotations linux solaris windows vm zos freebsd")
    + Place.all(.text, "", "hostname domainname root.path annotations.a")
    + Place.all(.flag, "", "root.readonly")
    + Place.all(.array, "", "mounts mounts[0].options mounts[0].uidMappings mounts[0].gidMappings")
    + Place.all(.object, "", "mounts[0] mounts[0].uidMappings[0]")
    + Place.all(.text, "mounts[0].", "destination source type options[0]")
    + Place.all(.uint32, "mounts[0].uidMappings[0].", "containerID hostID size")
    + ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"].flatMap {
        Place.all(.array, "hooks.", $0) + Place.all(.object, "hooks.", $0 + "[0]")
            + Place.all(.text, "hooks.\($0)[0].", "path args[0] env[0]")
            + Place.all(.array, "hooks.\($0)[0].", "args env")
            + Place.all(.int64, "hooks.\($0)[0].", "timeout")
    }

private let linux: [Place] =
    Place.all(
        .object, "linux.",
        "netDevices netDevices.eth7 resources seccomp sysctl intelRdt memoryPolicy personality timeOffsets "
            + "timeOffsets.boottime timeOffsets.monotonic namespaces[0] devices[0]")
    + Place.all(
        .array, "linux.",
        "devices uidMappings gidMappings namespaces maskedPaths readonlyPaths intelRdt.schemata memoryPolicy.flags "
            + "personality.flags")
    + Place.all(
        .text, "linux.",
        "cgroupsPath mountLabel maskedPaths[0] readonlyPaths[0] sysctl.net~x netDevices.eth7.name namespaces[0].path "
            + "devices[0].path intelRdt.closID intelRdt.schemata[0] intelRdt.l3CacheSchema intelRdt.memBwSchema "
            + "memoryPolicy.nodes")
    + Place.all(.flag, "linux.intelRdt.", "enableMonitoring")
    + Place.all(.uint32, "linux.", "uidMappings[0].containerID uidMappings[0].hostID gidMappings[0].size")
    + Place.all(.uint32, "linux.devices[0].", "uid gid")
    + Place.all(.int64, "linux.devices[0].", "major minor")
    + Place.all(.fileMode, "linux.devices[0].", "fileMode")
    + Place.all(.int64, "linux.timeOffsets.", "boottime.secs monotonic.secs")
    + Place.all(.uint32, "linux.timeOffsets.", "boottime.nanosecs monotonic.nanosecs")
    + [
        Place(path: "linux.personality.domain", kind: .name(["LINUX", "LINUX32"])),
        // Engines send the recursive ones too (rslave), so these are not all that is taken.
        Place(path: "linux.rootfsPropagation", kind: .name(["private", "shared", "slave", "unbindable"])),
        Place(
            path: "linux.namespaces[0].type",
            kind: .name(["mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time"])),
        Place(path: "linux.devices[0].type", kind: .name(["c", "b", "u", "p"])),
        Place(
            path: "linux.memoryPolicy.mode",
            kind: .name(
                ["DEFAULT", "BIND", "INTERLEAVE", "WEIGHTED_INTERLEAVE", "PREFERRED", "PREFERRED_MANY", "LOCAL"].map {
                    "MPOL_" + $0
                })),
        Place(
            path: "linux.memoryPolicy.flags[0]",
            kind: .name(["NUMA_BALANCING", "RELATIVE_NODES", "STATIC_NODES"].map { "MPOL_F_" + $0 })),
    ]

private let resources: [Place] =
    Place.all(
        .object, "linux.resources.",
        "unified pids blockIO cpu memory network rdma rdma.mlx5_1 devices[0] hugepageLimits[0] blockIO.weightDevice[0] "
            + "blockIO.throttleReadBpsDevice[0] network.priorities[0]")
    + Place.all(
        .array, "linux.resources.",
        "devices hugepageLimits blockIO.weightDevice blockIO.throttleReadBpsDevice blockIO.throttleWriteBpsDevice "
            + "blockIO.throttleReadIOPSDevice blockIO.throttleWriteIOPSDevice network.priorities")
    + Place.all(
        .text, "linux.resources.",
        "unified.pids cpu.cpus cpu.mems devices[0].type devices[0].access hugepageLimits[0].pageSize "
            + "network.priorities[0].name")
    + Place.all(
        .flag, "linux.resources.",
        "devices[0].allow memory.disableOOMKiller memory.useHierarchy memory.checkBeforeUpdate")
    + Place.all(
        .int64, "linux.resources.",
        "pids.limit memory.limit memory.reservation memory.swap memory.kernel memory.kernelTCP cpu.quota "
            + "cpu.realtimeRuntime cpu.idle devices[0].major devices[0].minor blockIO.weightDevice[0].major "
            + "blockIO.weightDevice[0].minor blockIO.throttleWriteIOPSDevice[0].major")
    + Place.all(
        .uint64, "linux.resources.",
        "memory.swappiness cpu.shares cpu.burst cpu.period cpu.realtimePeriod hugepageLimits[0].limit "
            + "blockIO.throttleReadBpsDevice[0].rate blockIO.throttleWriteBpsDevice[0].rate "
            + "blockIO.throttleReadIOPSDevice[0].rate blockIO.throttleWriteIOPSDevice[0].rate")
    + Place.all(
        .uint32, "linux.resources.",
        "network.classID network.priorities[0].priority rdma.mlx5_1.hcaHandles rdma.mlx5_1.hcaObjects")
    + Place.all(
        .uint16, "linux.resources.blockIO.", "weight leafWeight weightDevice[0].weight weightDevice[0].leafWeight")

private let seccomp: [Place] =
    Place.all(.array, "linux.seccomp.", "architectures flags syscalls syscalls[0].args")
    + Place.all(.object, "linux.seccomp.", "syscalls[0] syscalls[0].args[0]")
    + Place.all(.text, "linux.seccomp.", "listenerPath listenerMetadata syscalls[0].names[0]")
    + Place.all(.uint32, "linux.seccomp.", "defaultErrnoRet syscalls[0].errnoRet syscalls[0].args[0].index")
    + Place.all(.uint64, "linux.seccomp.syscalls[0].args[0].", "value valueTwo")
    + [
        Place(path: "linux.seccomp.defaultAction", kind: .name(actions)),
        Place(path: "linux.seccomp.syscalls[0].action", kind: .name(actions)),
        Place(path: "linux.seccomp.architectures[0]", kind: .name(architectures)),
        Place(
            path: "linux.seccomp.flags[0]",
            kind: .name(["TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"].map { "SECCOMP_FILTER_FLAG_" + $0 })),
        Place(
            path: "linux.seccomp.syscalls[0].args[0].op",
            kind: .name(["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map { "SCMP_CMP_" + $0 })),
    ]

/// Keys that the schemas require, or the text of the specification; the path that is refused is the missing one's.
private let required = [
    "linux.personality.domain", "linux.memoryPolicy.mode", "linux.devices[0].major", "linux.devices[0].minor",
    "linux.uidMappings[0].containerID", "linux.uidMappings[0].hostID", "linux.gidMappings[0].size",
    "mounts[0].uidMappings[0].containerID", "mounts[0].uidMappings[0].hostID",
    "linux.resources.blockIO.weightDevice[0].minor", "linux.resources.blockIO.throttleWriteIOPSDevice[0].major",
    "ociVersion", "process.cwd", "root.path", "mounts[0].destination", "mounts[0].uidMappings[0].size",
    "process.consoleSize.height", "process.consoleSize.width", "process.ioPriority.class", "process.scheduler.policy",
    "process.rlimits[0].type", "process.rlimits[0].soft", "process.rlimits[0].hard", "hooks.poststop[0].path",
    "linux.namespaces[0].type", "linux.devices[0].type", "linux.devices[0].path", "linux.resources.pids.limit",
    "linux.resources.devices[0].allow", "linux.resources.hugepageLimits[0].pageSize",
    "linux.resources.hugepageLimits[0].limit", "linux.resources.blockIO.weightDevice[0].major",
    "linux.resources.blockIO.throttleReadBpsDevice[0].minor", "linux.resources.network.priorities[0].name",
    "linux.resources.network.priorities[0].priority", "linux.seccomp.defaultAction", "linux.seccomp.syscalls[0].names",
    "linux.seccomp.syscalls[0].action", "linux.seccomp.syscalls[0].args[0].index",
    "linux.seccomp.syscalls[0].args[0].value", "linux.seccomp.syscalls[0].args[0].op",
]

@Suite struct SchemaTests {
    @Test(arguments: top + process + linux + resources + seccomp)
    private func whatTheSchemaRefusesIsRefusedThere(_ place: Place) throws {
        for value in place.kind.refused {
            let document = try wholeConfig.setting(place.path, to: value)
            let error = #expect(throws: BoxError.self, "\(place.path): \(value)") {
                _ = try Spec(document: document)
            }
            let path = String(place.path.map { $0 == "~" ? "." : $0 })
            #expect(error?.field == path && error?.position == document.position(of: path), "\(value)")
        }
    }

    @Test(arguments: top + process + linux + resources + seccomp)
    private func whatTheSchemaAcceptsIsAccepted(_ place: Place) throws {
        for value in place.kind.accepted + ["null"] where value != "null" || !place.path.hasSuffix("]") {
            if value == "null" && (required.contains(place.path) || place.path.hasSuffix("].path")) { continue }
            let document = try wholeConfig.replacing(place.path, by: value)
            #expect(throws: Never.self, "\(place.path): \(value)") { _ = try Spec(document: document) }
        }
    }

    @Test(arguments: required)
    func whatTheSchemaRequiresMustBeThere(_ path: String) throws {
        let error = #expect(throws: BoxError.self) { _ = try Spec(document: wholeConfig.setting(path, to: nil)) }
        #expect(error?.field == path && error?.position != nil && error?.message == "is missing")
    }

    /// Without what exists only in cgroup v1.
    private var runnable: Node {
        get throws { try wholeConfig.setting("linux.resources.network.priorities", to: "[]") }
    }

    /// Where the schema has a pattern or a least length, `validate` may be what refuses.
    @Test(arguments: [
        ("process.rlimits[0].type", "\"NOFILE\""), ("linux.resources.hugepageLimits[0].pageSize", "\"0MB\""),
        ("linux.intelRdt.memBwSchema", "\"L3:0=f\""), ("process.execCPUAffinity.initial", "\"a\""),
        ("hooks.poststop[0].timeout", "0"), ("linux.seccomp.syscalls[0].names", "[]"),
    ])
    func patternsAreKept(_ path: String, _ value: String) throws {
        let text = JSON.write(try runnable.setting(path, to: value))
        let error = #expect(throws: BoxError.self) { _ = try Spec.read(json: text) }
        #expect(error?.field == path && error?.position != nil)
    }

    /// Else the twins above would refuse because of something else.
    @Test func theWholeConfigIsAccepted() throws {
        let spec = try Spec.read(json: JSON.write(runnable))
        #expect(try Spec(document: spec.document) == spec)
    }
}
