import BoxDocument
import BoxOCI
import Testing

/// A text, the field its error names, and a part of the message. `§` stands where the error points.
struct Broken: Sendable, CustomTestStringConvertible {
    let text: String
    let field: String?
    let message: String

    init(_ text: String, _ field: String?, _ message: String) {
        (self.text, self.field, self.message) = (text, field, message)
    }

    init(process: String, _ field: String, _ message: String) {
        self.init(smallConfig(process: ", " + process), "process." + field, message)
    }

    init(linux: String, _ field: String, _ message: String) {
        self.init(smallConfig(linux: ", " + linux), "linux." + field, message)
    }

    init(resources: String, _ field: String, _ message: String) {
        self.init(linux: "\"resources\": {\(resources)}", "resources." + field, message)
    }

    init(seccomp: String, _ field: String, _ message: String) {
        self.init(
            linux: "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \(seccomp)}", "seccomp." + field, message)
    }

    init(top: String, _ field: String, _ message: String) { self.init(smallConfig(top: ", " + top), field, message) }

    var testDescription: String { "\(field ?? "text"): \(message)" }
}

/// What the decoder refuses: wrong types, ranges and names, and required keys that are missing.
private let undecodable: [Broken] = [
    Broken("§[]", nil, "must be an object, found an array"),
    Broken("{\"ociVersion\": \"1.0.0\",§}", nil, "not JSON: expected a key in quotes"),
    Broken("§{\"process\": {\"cwd\": \"/\"}}", "ociVersion", "is missing"),
    Broken("§{\"ociVersion\": null}", "ociVersion", "is missing"),
    Broken("{\"ociVersion\": §1}", "ociVersion", "must be a string, found a number"),
    Broken("{\"ociVersion\": §\"1.0\"}", "ociVersion", "must be a version such as 1.3.0"),
    Broken("{\"ociVersion\": §\"1.01.0\"}", "ociVersion", "must be a version such as 1.3.0"),
    Broken("{\"ociVersion\": §\"1..0\"}", "ociVersion", "must be a version such as 1.3.0"),
    Broken("{\"ociVersion\": §\"2.0.0\"}", "ociVersion", "must be a version 1.x"),
    Broken("{\"ociVersion\": \"1.0.0\", \"process\": §{}}", "process.cwd", "is missing"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": [\"a\",\n§7]}}", "process.args[1]",
        "must be a string, found a number"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": §\"sh\"}}", "process.args",
        "must be an array, found a string"),
    Broken("{\"ociVersion\": \"1.0.0\", \"root\": §{}}", "root.path", "is missing"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"a\", \"readonly\": §\"yes\"}}", "root.readonly",
        "must be true or false, found a string"),
    Broken(process: "\"terminal\": §0", "terminal", "must be true or false, found a number"),
    Broken(process: "\"env\": [§null]", "env[0]", "must be a string, found null"),
    Broken(process: "\"user\": {\"uid\": §-1}", "user.uid", "must be a whole number from 0 to 4294967295, found -1"),
    Broken(process: "\"user\": {\"gid\": §4294967296}", "user.gid", "from 0 to 4294967295, found 4294967296"),
    Broken(process: "\"user\": {\"uid\": §18446744073709551615}", "user.uid", "found 18446744073709551615"),
    Broken(process: "\"user\": {\"uid\": §1.0}", "user.uid", "must be a whole number"),
    Broken(process: "\"user\": {\"uid\": §\"0\"}", "user.uid", "must be a whole number, found a string"),
    Broken(process: "\"user\": {\"additionalGids\": [1, §true]}", "user.additionalGids[1]", "found true"),
    Broken(process: "\"consoleSize\": §{\"height\": 1}", "consoleSize.width", "is missing"),
    Broken(process: "\"capabilities\": §[]", "capabilities", "must be an object, found an array"),
    Broken(process: "\"rlimits\": [§{\"type\": \"RLIMIT_AS\", \"soft\": 1}]", "rlimits[0].hard", "is missing"),
    Broken(
        process: "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": §-1, \"hard\": 1}]", "rlimits[0].soft", "found -1"),
    Broken(process: "\"scheduler\": §{}", "scheduler.policy", "is missing"),
    Broken(
        process: "\"scheduler\": {\"policy\": §\"OTHER\"}", "scheduler.policy", "must be one of SCHED_OTHER, SCHED_FIFO"
    ),
    Broken(
        process: "\"scheduler\": {\"policy\": \"SCHED_IDLE\", \"flags\": [§\"X\"]}", "scheduler.flags[0]",
        "SCHED_FLAG_RECLAIM"),
    Broken(process: "\"ioPriority\": {\"class\": §\"BE\"}", "ioPriority.class", "must be one of IOPRIO_CLASS_RT"),
    Broken(
        top: "\"mounts\": [{\"destination\": \"/a\"}, §{\"type\": \"proc\"}]", "mounts[1].destination", "is missing"),
    Broken(top: "\"mounts\": §{}", "mounts", "must be an array, found an object"),
    Broken(
        top: "\"mounts\": [{\"destination\": \"/a\", \"uidMappings\": [§{\"containerID\": 0, \"hostID\": 0}]}]",
        "mounts[0].uidMappings[0].size", "is missing"),
    Broken(top: "\"hooks\": {\"poststop\": [§{}]}", "hooks.poststop[0].path", "is missing"),
    Broken(top: "\"annotations\": {\"a.b\": §1}", "annotations.a.b", "must be a string, found a number"),
    Broken(top: "\"swiftbox\": {\"rootFS\": §1}", "swiftbox.rootFS", "is no key that swiftbox knows"),
    Broken(
        top: "\"swiftbox\": {\"rootfs\": {\"base\": \"host\", \"lower\": §[]}}", "swiftbox.rootfs.lower", "is no key"),
    Broken(top: "\"swiftbox\": {\"rootfs\": §{}}", "swiftbox.rootfs.base", "is missing"),
    Broken(
        top: "\"swiftbox\": {\"rootfs\": §{\"base\": \"host\", \"layers\": [\"/a\"]}}", "swiftbox.rootfs", "not both"),
    Broken(top: "\"swiftbox\": {\"rootfs\": {\"base\": §\"guest\"}}", "swiftbox.rootfs.base", "must be one of host"),
    Broken(linux: "\"timeOffsets\": {\"boottime\": {\"nanosecs\": §-1}}", "timeOffsets.boottime.nanosecs", "found -1"),
    Broken(linux: "\"devices\": [{\"type\": §\"x\"}]", "devices[0].type", "must be one of c, b, u, p, found \"x\""),
    Broken(
        linux: "\"devices\": [§{\"type\": \"c\", \"path\": \"/dev/a\", \"major\": 1}]", "devices[0].minor", "is missing"
    ),
    Broken(
        linux: "\"devices\": [{\"type\": \"p\", \"path\": \"/dev/a\", \"fileMode\": §512}]", "devices[0].fileMode",
        "0 to 511"),
    Broken(linux: "\"netDevices\": {\"eth0\": §\"eth1\"}", "netDevices.eth0", "must be an object"),
    Broken(
        linux: "\"rootfsPropagation\": §\"recursive\"", "rootfsPropagation", "must be one of private, shared, slave"),
    Broken(linux: "\"personality\": §{}", "personality.domain", "is missing"),
    Broken(linux: "\"personality\": {\"domain\": §\"linux\"}", "personality.domain", "must be one of LINUX, LINUX32"),
    Broken(linux: "\"memoryPolicy\": {\"mode\": §\"BIND\"}", "memoryPolicy.mode", "MPOL_BIND"),
    Broken(linux: "\"seccomp\": §{}", "seccomp.defaultAction", "is missing"),
    Broken(
        linux: "\"seccomp\": {\"defaultAction\": §\"ALLOW\"}", "seccomp.defaultAction", "must be one of SCMP_ACT_KILL"),
    Broken(seccomp: "\"architectures\": [§\"x86\"]", "architectures[0]", "is none of the names"),
    Broken(seccomp: "\"flags\": [§\"LOG\"]", "flags[0]", "SECCOMP_FILTER_FLAG_LOG"),
    Broken(
        seccomp: "\"syscalls\": [{\"names\": §[], \"action\": \"SCMP_ACT_LOG\"}]", "syscalls[0].names", "at least one"),
    Broken(seccomp: "\"syscalls\": [§{\"names\": [\"a\"]}]", "syscalls[0].action", "is missing"),
    Broken(
        seccomp: "\"syscalls\": [{\"names\": [\"a\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"op\": §\"EQ\"}]}]",
        "syscalls[0].args[0].op", "SCMP_CMP_EQ"),
    Broken(resources: "\"pids\": §{\"limit\": null}", "pids.limit", "is missing"),
    Broken(resources: "\"pids\": {\"limit\": §\"64\"}", "pids.limit", "must be a whole number, found a string"),
    Broken(resources: "\"memory\": {\"limit\": §9223372036854775808}", "memory.limit", "found 9223372036854775808"),
    Broken(resources: "\"memory\": {\"limit\": §1e30}", "memory.limit", "must be a whole number"),
    Broken(resources: "\"cpu\": {\"shares\": §-2}", "cpu.shares", "found -2"),
    Broken(resources: "\"blockIO\": {\"weight\": §65536}", "blockIO.weight", "from 0 to 65535"),
    Broken(
        resources: "\"blockIO\": {\"throttleReadBpsDevice\": [§{\"major\": 8}]}",
        "blockIO.throttleReadBpsDevice[0].minor", "is missing"),
    Broken(resources: "\"devices\": [§{\"access\": \"r\"}]", "devices[0].allow", "is missing"),
    Broken(resources: "\"hugepageLimits\": [§{\"pageSize\": \"2MB\"}]", "hugepageLimits[0].limit", "is missing"),
    Broken(resources: "\"unified\": {\"memory.max\": §1}", "unified.memory.max", "must be a string"),
    Broken(resources: "\"network\": {\"priorities\": [§1]}", "network.priorities[0]", "must be an object"),
]

/// What `validate()` refuses: impossible values and combinations.
private let impossible: [Broken] = [
    Broken("§{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"a\"}}", "process", "is missing"),
    Broken("§{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "root", "is missing"),
    Broken("{\"ociVersion\": \"1.0.0\", \"process\": §{\"cwd\": \"/\"}}", "process.args", "names no command"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": [§\"\"]}}", "process.args[0]", "is empty"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": §\"srv\", \"args\": [\"a\"]}}", "process.cwd",
        "must be an absolute path"),
    Broken(
        "{\"ociVersion\": \"1.0.0\", \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}, \"root\": {\"path\": §\"\"}}",
        "root.path", "is empty"),
    Broken(process: "\"env\": [\"A=1\", §\"SECRET\"]", "env[1]", "found no '='"),
    Broken(process: "\"env\": [§\"=1\"]", "env[0]", "found no name"),
    Broken(process: "\"user\": {\"uid\": §4294967295}", "user.uid", "the kernel has no such id"),
    Broken(process: "\"user\": {\"additionalGids\": [0, §4294967295]}", "user.additionalGids[1]", "no such id"),
    Broken(process: "\"user\": {\"umask\": §512}", "user.umask", "must be from 0 to 511, found 512"),
    Broken(process: "\"capabilities\": {\"ambient\": [§\"chown\"]}", "capabilities.ambient[0]", "CAP_NET_BIND_SERVICE"),
    Broken(process: "\"capabilities\": {\"bounding\": [§\"CAP_\"]}", "capabilities.bounding[0]", "must be a name"),
    Broken(
        process: "\"rlimits\": [{\"type\": §\"RLIMIT_FILES\", \"soft\": 1, \"hard\": 1}]", "rlimits[0].type",
        "no resource limit"),
    Broken(
        process: "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": §2, \"hard\": 1}]", "rlimits[0].soft",
        "above the hard limit 1"),
    Broken(
        process:
            "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": 1, \"hard\": 1}, {\"type\": §\"RLIMIT_AS\", \"soft\": 1, \"hard\": 1}]",
        "rlimits[1].type", "already at process.rlimits[0]"),
    Broken(process: "\"oomScoreAdj\": §1001", "oomScoreAdj", "must be from -1000 to 1000, found 1001"),
    Broken(process: "\"scheduler\": {\"policy\": \"SCHED_OTHER\", \"nice\": §20}", "scheduler.nice", "from -20 to 19"),
    Broken(process: "\"scheduler\": §{\"policy\": \"SCHED_FIFO\"}", "scheduler.priority", "from 1 to 99, found 0"),
    Broken(
        process: "\"scheduler\": {\"policy\": \"SCHED_OTHER\", \"priority\": §1}", "scheduler.priority",
        "needs SCHED_FIFO"),
    Broken(
        process: "\"scheduler\": {\"policy\": \"SCHED_OTHER\", \"runtime\": §1}", "scheduler.runtime",
        "needs SCHED_DEADLINE"),
    Broken(
        process: "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_BE\", \"priority\": §8}", "ioPriority.priority",
        "from 0 to 7"),
    Broken(process: "\"execCPUAffinity\": {\"final\": §\"1-0\"}", "execCPUAffinity.final", "must be a list"),
    Broken(top: "\"hostname\": §\"box\"", "hostname", "without a uts namespace"),
    Broken(top: "\"domainname\": §\"box\"", "domainname", "without a uts namespace"),
    Broken(top: "\"mounts\": [{\"destination\": §\"data\"}]", "mounts[0].destination", "must be an absolute path"),
    Broken(top: "\"mounts\": [{\"destination\": §\"\"}]", "mounts[0].destination", "must be an absolute path"),
    Broken(top: "\"mounts\": [{\"destination\": §\"/a/../../etc\"}]", "mounts[0].destination", "leads out of the root"),
    Broken(
        top: "\"mounts\": [{\"destination\": \"/a\"}, {\"destination\": \"/a\"}, {\"destination\": §\"//x/.././\"}]",
        "mounts[2].destination", "must lie below the root"),
    Broken(
        top:
            "\"mounts\": [§{\"destination\": \"/a\", \"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]}]",
        "mounts[0].gidMappings", "together with uidMappings"),
    Broken(
        top: "\"hooks\": {\"prestart\": [{\"path\": §\"x\"}]}", "hooks.prestart[0].path", "must be an absolute path"),
    Broken(
        top: "\"hooks\": {\"poststart\": [{\"path\": \"/x\", \"timeout\": §0}]}", "hooks.poststart[0].timeout",
        "greater than 0"),
    Broken(
        top: "\"hooks\": {\"poststop\": [{\"path\": \"/x\", \"env\": [§\"A\"]}]}", "hooks.poststop[0].env[0]",
        "NAME=VALUE"),
    Broken(top: "\"annotations\": §{\"\": \"\"}", "annotations", "must not have an empty key"),
    Broken(top: "\"swiftbox\": {\"scratchSize\": §0}", "swiftbox.scratchSize", "greater than 0"),
    Broken(top: "\"swiftbox\": {\"rootfs\": {\"layers\": §[]}}", "swiftbox.rootfs.layers", "at least one directory"),
    Broken(
        top: "\"swiftbox\": {\"rootfs\": {\"layers\": [§\"a\"]}}", "swiftbox.rootfs.layers[0]",
        "must be an absolute path"),
    Broken(linux: "\"maskedPaths\": [§\"proc\"]", "maskedPaths[0]", "must be an absolute path"),
    Broken(linux: "\"readonlyPaths\": [§\"proc\"]", "readonlyPaths[0]", "must be an absolute path"),
    Broken(linux: "\"cgroupsPath\": §\"/a/../..\"", "cgroupsPath", "must not hold '..'"),
    Broken(
        linux: "\"personality\": {\"domain\": \"LINUX\", \"flags\": §[\"X\"]}", "personality.flags", "knows no flags"),
    Broken(linux: "\"timeOffsets\": §{}", "timeOffsets", "needs a new time namespace"),
    Broken(
        linux: "\"uidMappings\": §[{\"containerID\": 0, \"hostID\": 5, \"size\": 1}]", "uidMappings",
        "needs a user namespace"),
    Broken(
        linux: "\"devices\": [{\"type\": \"c\", \"path\": \"/dev/a\", \"major\": §-1, \"minor\": 0}]",
        "devices[0].major", "found -1"),
    Broken(
        linux: "\"devices\": [{\"type\": \"p\", \"path\": \"/dev/a\"}, {\"type\": \"p\", \"path\": §\"/dev//a\"}]",
        "devices[1].path", "already at linux.devices[0]"),
    Broken(linux: "\"devices\": [{\"type\": \"p\", \"path\": §\"a\"}]", "devices[0].path", "must be an absolute path"),
    Broken(
        linux: "\"devices\": [{\"type\": \"p\", \"path\": \"/a\", \"uid\": §4294967295}]", "devices[0].uid",
        "no such id"),
    Broken(linux: "\"netDevices\": §{\"eth0\": {}}", "netDevices", "needs a network namespace"),
    Broken(
        linux: "\"sysctl\": {\"kernel.core_pattern\": §\"|/x\"}", "sysctl.kernel.core_pattern",
        "belongs to no namespace"),
    Broken(
        linux: "\"sysctl\": {\"net.ipv4.ip_forward\": §\"1\"}", "sysctl.net.ipv4.ip_forward",
        "needs a network namespace"),
    Broken(linux: "\"sysctl\": {\"kernel.msgmax\": §\"1\"}", "sysctl.kernel.msgmax", "needs a ipc namespace"),
    Broken(
        linux: "\"sysctl\": {\"fs.mqueue.msg_max\": §\"1\"}", "sysctl.fs.mqueue.msg_max", "needs a ipc namespace"),
    Broken(
        linux: "\"sysctl\": {\"kernel.domainname\": §\"x\"}", "sysctl.kernel.domainname", "needs a uts namespace"),
    Broken(linux: "\"sysctl\": §{\"net/../kernel/core_pattern\": \"x\"}", "sysctl", "is no sysctl name"),
    Broken(linux: "\"sysctl\": §{\"net..x\": \"x\"}", "sysctl", "is no sysctl name"),
    Broken(linux: "\"sysctl\": {\"net.x\": §\"1\\n2\"}", "sysctl.net.x", "line break"),
    Broken(linux: "\"intelRdt\": {\"closID\": §\"../x\"}", "intelRdt.closID", "plain directory name"),
    Broken(linux: "\"intelRdt\": {\"memBwSchema\": §\"L3:0\"}", "intelRdt.memBwSchema", "begins with MB:"),
    Broken(
        linux: "\"memoryPolicy\": {\"mode\": \"MPOL_BIND\", \"nodes\": §\"a\"}", "memoryPolicy.nodes", "must be a list"),
    Broken(
        linux: "\"seccomp\": {\"defaultAction\": §\"SCMP_ACT_NOTIFY\"}", "seccomp.defaultAction",
        "must not be SCMP_ACT_NOTIFY"),
    Broken(seccomp: "\"defaultErrnoRet\": §1", "defaultErrnoRet", "means nothing for SCMP_ACT_ALLOW"),
    Broken(seccomp: "\"listenerMetadata\": §\"x\"", "listenerMetadata", "needs linux.seccomp.listenerPath"),
    Broken(
        seccomp: "\"syscalls\": [{\"names\": [\"a\", §\"\"], \"action\": \"SCMP_ACT_LOG\"}]", "syscalls[0].names[1]",
        "is empty"),
    Broken(
        seccomp: "\"syscalls\": [{\"names\": [\"a\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": §4096}]",
        "syscalls[0].errnoRet", "from 0 to 4095"),
    Broken(
        seccomp: "\"syscalls\": [{\"names\": [\"a\"], \"action\": §\"SCMP_ACT_NOTIFY\"}]", "syscalls[0].action",
        "needs linux.seccomp.listenerPath"),
    Broken(
        seccomp: "\"listenerPath\": \"/l\", \"syscalls\": [{\"names\": [\"write\"], \"action\": §\"SCMP_ACT_NOTIFY\"}]",
        "syscalls[0].action", "not possible for write"),
    Broken(
        seccomp:
            "\"syscalls\": [{\"names\": [\"a\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": §6, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}]",
        "syscalls[0].args[0].index", "from 0 to 5"),
    Broken(resources: "\"pids\": {\"limit\": §-2}", "pids.limit", "must be at least -1, found -2"),
    Broken(resources: "\"memory\": {\"limit\": §-2}", "memory.limit", "must be at least -1"),
    Broken(resources: "\"memory\": {\"reservation\": §-2}", "memory.reservation", "must be at least -1"),
    Broken(
        resources: "\"memory\": {\"limit\": 100, \"swap\": §99}", "memory.swap",
        "must be at least the limit 100, found 99"),
    Broken(resources: "\"memory\": {\"swap\": §99}", "memory.swap", "needs linux.resources.memory.limit"),
    Broken(resources: "\"memory\": {\"kernel\": §1}", "memory.kernel", "only in cgroup v1"),
    Broken(resources: "\"memory\": {\"kernelTCP\": §1}", "memory.kernelTCP", "only in cgroup v1"),
    Broken(resources: "\"memory\": {\"swappiness\": §60}", "memory.swappiness", "only in cgroup v1"),
    Broken(resources: "\"memory\": {\"disableOOMKiller\": §true}", "memory.disableOOMKiller", "only in cgroup v1"),
    Broken(resources: "\"memory\": {\"useHierarchy\": §true}", "memory.useHierarchy", "only in cgroup v1"),
    Broken(resources: "\"cpu\": {\"period\": §999}", "cpu.period", "from 1000 to 1000000"),
    Broken(resources: "\"cpu\": {\"quota\": §999}", "cpu.quota", "at least 1000"),
    Broken(resources: "\"cpu\": {\"quota\": §-2}", "cpu.quota", "must be -1 or"),
    Broken(resources: "\"cpu\": {\"quota\": 1000, \"burst\": §1001}", "cpu.burst", "above the quota"),
    Broken(resources: "\"cpu\": {\"idle\": §2}", "cpu.idle", "from 0 to 1"),
    Broken(resources: "\"cpu\": {\"cpus\": §\"0;1\"}", "cpu.cpus", "must be a list such as 0-3,5"),
    Broken(resources: "\"cpu\": {\"mems\": §\"0,\"}", "cpu.mems", "must be a list such as 0-3,5"),
    Broken(resources: "\"cpu\": {\"realtimeRuntime\": §1}", "cpu.realtimeRuntime", "only in cgroup v1"),
    Broken(resources: "\"cpu\": {\"realtimePeriod\": §1}", "cpu.realtimePeriod", "only in cgroup v1"),
    Broken(resources: "\"blockIO\": {\"weight\": §9}", "blockIO.weight", "from 10 to 1000"),
    Broken(resources: "\"blockIO\": {\"leafWeight\": §10}", "blockIO.leafWeight", "only in cgroup v1"),
    Broken(
        resources: "\"blockIO\": {\"weightDevice\": [{\"major\": 8, \"minor\": 0, \"leafWeight\": §10}]}",
        "blockIO.weightDevice[0].leafWeight", "only in cgroup v1"),
    Broken(
        resources: "\"blockIO\": {\"throttleWriteIOPSDevice\": [{\"major\": §-8, \"minor\": 0, \"rate\": 1}]}",
        "blockIO.throttleWriteIOPSDevice[0].major", "at least 0"),
    Broken(
        resources: "\"hugepageLimits\": [{\"pageSize\": §\"02MB\", \"limit\": 1}]", "hugepageLimits[0].pageSize",
        "must be a size such as 2MB"),
    Broken(
        resources:
            "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 1}, {\"pageSize\": §\"2MB\", \"limit\": 1}]",
        "hugepageLimits[1].pageSize", "already at"),
    Broken(
        resources: "\"devices\": [{\"allow\": true, \"type\": §\"p\"}]", "devices[0].type", "must be one of a, b, c"),
    Broken(
        resources: "\"devices\": [{\"allow\": true, \"access\": §\"rx\"}]", "devices[0].access", "made of r, w and m"),
    Broken(
        resources: "\"unified\": {\"../memory.max\": §\"1\"}", "unified.../memory.max", "plain name of a cgroup file"),
    Broken(resources: "\"network\": {\"classID\": §1}", "network.classID", "only in cgroup v1"),
    Broken(
        resources: "\"network\": {\"priorities\": §[{\"name\": \"eth0\", \"priority\": 1}]}", "network.priorities",
        "only in cgroup v1"),
]

@Suite struct BrokenConfigTests {
    @Test(arguments: undecodable + impossible)
    func isRefusedWhereItIsWrong(_ broken: Broken) throws {
        let error = #expect(throws: BoxError.self) { try read(marked: broken.text) }
        #expect(error?.field == broken.field)
        #expect(error?.message.contains(broken.message) == true, "\(error?.description ?? "")")
        let before = try #require(broken.text.split(separator: "§", omittingEmptySubsequences: false).first)
        let line = before.utf8.count { $0 == 0x0A } + 1
        let column = before.utf8.reversed().prefix { $0 != 0x0A }.count + 1
        #expect(error?.position == Position(line: line, column: column))
    }

    @Test func v1OnlyFieldsAreUnsupportedRatherThanInvalid() {
        let text = smallConfig(linux: ", \"resources\": {\"memory\": {\"swappiness\": 1}}")
        #expect(throws: BoxError.self) { try read(marked: text) }
        let error = #expect(throws: BoxError.self) { try read(marked: text) }
        #expect(error?.kind == .unsupported && error?.remedy == "leave it out")
    }
}
