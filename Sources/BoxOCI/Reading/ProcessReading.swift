extension Process {
    init(reading value: Field) throws(BoxError) {
        self.init()
        var directory: String?
        for field in try value.members() {
            switch field.name {
            case "terminal": terminal = try field.bool()
            case "consoleSize": consoleSize = try ConsoleSize(reading: field)
            case "cwd": directory = try field.string()
            case "env": env = try field.strings()
            case "args": args = try field.strings()
            case "user": user = try User(reading: field)
            case "capabilities": capabilities = try CapabilitySets(reading: field)
            case "rlimits": rlimits = try field.array(Rlimit.init(reading:))
            case "apparmorProfile": apparmorProfile = try field.text()
            case "selinuxLabel": selinuxLabel = try field.text()
            case "noNewPrivileges": noNewPrivileges = try field.bool()
            case "oomScoreAdj": oomScoreAdj = try field.integer()
            case "scheduler": scheduler = try Scheduler(reading: field)
            case "ioPriority": ioPriority = try IOPriority(reading: field)
            case "execCPUAffinity": execCPUAffinity = try ExecCPUAffinity(reading: field)
            // Windows has one line instead of arguments, and names instead of ids.
            case "commandLine": _ = try field.string()
            default: break
            }
        }
        guard let directory else { throw value.missing("cwd") }
        cwd = directory
    }
}

extension ConsoleSize {
    init(reading value: Field) throws(BoxError) {
        var height: UInt16?
        var width: UInt16?
        for field in try value.members() {
            switch field.name {
            case "height": height = try field.integer()
            case "width": width = try field.integer()
            default: break
            }
        }
        guard let height else { throw value.missing("height") }
        guard let width else { throw value.missing("width") }
        self.init(height: height, width: width)
    }
}

extension User {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "uid": uid = try field.integer()
            case "gid": gid = try field.integer()
            case "umask": umask = try field.integer()
            case "additionalGids":
                additionalGids = try field.array { (field) throws(BoxError) in try field.integer() }
            case "username": _ = try field.string()
            default: break
            }
        }
    }
}

extension CapabilitySets {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "bounding": bounding = try field.strings()
            case "effective": effective = try field.strings()
            case "permitted": permitted = try field.strings()
            case "inheritable": inheritable = try field.strings()
            case "ambient": ambient = try field.strings()
            default: break
            }
        }
    }
}

extension Rlimit {
    init(reading value: Field) throws(BoxError) {
        var type: String?
        var soft: UInt64?
        var hard: UInt64?
        for field in try value.members() {
            switch field.name {
            case "type": type = try field.string()
            case "soft": soft = try field.integer()
            case "hard": hard = try field.integer()
            default: break
            }
        }
        guard let type else { throw value.missing("type") }
        guard let soft else { throw value.missing("soft") }
        guard let hard else { throw value.missing("hard") }
        self.init(type: type, soft: soft, hard: hard)
    }
}

extension Scheduler {
    private static let policies = [
        "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE",
    ]
    private static let knownFlags = [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY",
        "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ]

    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(policy: "")
        for field in try value.members() {
            switch field.name {
            case "policy": found = try field.name(among: Self.policies)
            case "nice": nice = try field.integer()
            case "priority": priority = try field.integer()
            case "flags": flags = try field.names(among: Self.knownFlags)
            case "runtime": runtime = try field.integer()
            case "deadline": deadline = try field.integer()
            case "period": period = try field.integer()
            default: break
            }
        }
        guard let found else { throw value.missing("policy") }
        policy = found
    }
}

extension IOPriority {
    private static let classes = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]

    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(class: "")
        for field in try value.members() {
            switch field.name {
            case "class": found = try field.name(among: Self.classes)
            case "priority": priority = try field.integer()
            default: break
            }
        }
        guard let found else { throw value.missing("class") }
        self.class = found
    }
}

extension ExecCPUAffinity {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "initial": initial = try field.text()
            case "final": final = try field.text()
            default: break
            }
        }
    }
}
