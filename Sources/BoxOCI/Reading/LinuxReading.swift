extension Linux {
    /// The specification's four, and the recursive ones that engines send.
    private static let propagations = [
        "private", "shared", "slave", "unbindable", "rprivate", "rshared", "rslave", "runbindable",
    ]

    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "namespaces": namespaces = try field.array(Namespace.init(reading:))
            case "uidMappings": uidMappings = try field.array(IDMapping.init(reading:))
            case "gidMappings": gidMappings = try field.array(IDMapping.init(reading:))
            case "timeOffsets": timeOffsets = try TimeOffsets(reading: field)
            case "devices": devices = try field.array(Device.init(reading:))
            case "netDevices":
                for device in try field.members() { netDevices.append(try NetDevice(reading: device)) }
            case "cgroupsPath": cgroupsPath = try field.text()
            case "resources": resources = try Resources(reading: field)
            case "rootfsPropagation":
                if try field.text() != nil { rootfsPropagation = try field.name(among: Self.propagations) }
            case "seccomp": seccomp = try Seccomp(reading: field)
            case "sysctl": sysctl = try field.pairs()
            case "maskedPaths": maskedPaths = try field.strings()
            case "readonlyPaths": readonlyPaths = try field.strings()
            case "mountLabel": mountLabel = try field.text()
            case "personality": personality = try Personality(reading: field)
            case "intelRdt": intelRdt = try IntelRdt(reading: field)
            case "memoryPolicy": memoryPolicy = try MemoryPolicy(reading: field)
            default: break
            }
        }
    }
}

extension Namespace {
    private static let types = Kind.allCases.map(\.rawValue)

    init(reading value: Field) throws(BoxError) {
        var type: Kind?
        var path: String?
        for field in try value.members() {
            switch field.name {
            case "type": type = Kind(rawValue: try field.name(among: Self.types))
            case "path": path = try field.text()
            default: break
            }
        }
        guard let type else { throw value.missing("type") }
        self.init(type, path: path)
    }
}

extension TimeOffsets {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "boottime": boottime = try Offset(reading: field)
            case "monotonic": monotonic = try Offset(reading: field)
            default: break
            }
        }
    }
}

extension TimeOffsets.Offset {
    init(reading value: Field) throws(BoxError) {
        self.init(seconds: 0, nanoseconds: 0)
        for field in try value.members() {
            switch field.name {
            case "secs": seconds = try field.integer()
            case "nanosecs": nanoseconds = try field.integer()
            default: break
            }
        }
    }
}

extension Device {
    private static let types = ["c", "b", "u", "p"]

    init(reading value: Field) throws(BoxError) {
        var type: String?
        var path: String?
        var major: Int64?
        var minor: Int64?
        self.init(type: "", path: "", major: 0, minor: 0)
        for field in try value.members() {
            switch field.name {
            case "type": type = try field.name(among: Self.types)
            case "path": path = try field.string()
            case "major": major = try field.integer()
            case "minor": minor = try field.integer()
            case "fileMode": fileMode = try field.permissions()
            case "uid": uid = try field.integer()
            case "gid": gid = try field.integer()
            default: break
            }
        }
        guard let type else { throw value.missing("type") }
        guard let path else { throw value.missing("path") }
        // A FIFO has no numbers.
        guard let major = major ?? (type == "p" ? 0 : nil) else { throw value.missing("major") }
        guard let minor = minor ?? (type == "p" ? 0 : nil) else { throw value.missing("minor") }
        (self.type, self.path, self.major, self.minor) = (type, path, major, minor)
    }
}

extension Field {
    fileprivate func permissions() throws(BoxError) -> UInt32 {
        let mode: UInt32 = try integer()
        if mode > 0o777 { throw invalid("must be a whole number from 0 to 511 (octal 777), found \(mode)") }
        return mode
    }
}

extension NetDevice {
    init(reading value: Field) throws(BoxError) {
        self.init(hostName: value.name)
        for field in try value.members() where field.name == "name" { name = try field.text() }
    }
}

extension Personality {
    private static let domains = ["LINUX", "LINUX32"]

    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(domain: "")
        for field in try value.members() {
            switch field.name {
            case "domain": found = try field.name(among: Self.domains)
            case "flags": flags = try field.strings()
            default: break
            }
        }
        guard let found else { throw value.missing("domain") }
        domain = found
    }
}

extension IntelRdt {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "closID": closID = try field.text()
            case "schemata": schemata = try field.strings()
            case "l3CacheSchema": l3CacheSchema = try field.text()
            case "memBwSchema": memBwSchema = try field.text()
            case "enableMonitoring": enableMonitoring = try field.bool()
            default: break
            }
        }
    }
}

extension MemoryPolicy {
    /// Every name that the specification has.
    public static let modes = [
        "MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED",
        "MPOL_PREFERRED_MANY", "MPOL_LOCAL",
    ]
    public static let knownFlags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]

    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(mode: "")
        for field in try value.members() {
            switch field.name {
            case "mode": found = try field.name(among: Self.modes)
            case "nodes": nodes = try field.string()
            case "flags": flags = try field.names(among: Self.knownFlags)
            default: break
            }
        }
        guard let found else { throw value.missing("mode") }
        mode = found
    }
}
