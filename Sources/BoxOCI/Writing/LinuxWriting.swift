internal import BoxDocument

extension Linux {
    var node: Node {
        .object {
            $0.set("namespaces", namespaces) { $0.node }
            $0.set("uidMappings", uidMappings) { $0.node }
            $0.set("gidMappings", gidMappings) { $0.node }
            $0.set("timeOffsets", timeOffsets?.node)
            $0.set("devices", devices) { $0.node }
            if !netDevices.isEmpty { $0.set("netDevices", Node(.object(netDevices.map(\.member)))) }
            $0.set("cgroupsPath", cgroupsPath)
            $0.setUnlessEmpty("resources", resources.node)
            $0.set("rootfsPropagation", rootfsPropagation)
            $0.set("seccomp", seccomp?.node)
            $0.set("sysctl", sysctl)
            $0.set("maskedPaths", maskedPaths)
            $0.set("readonlyPaths", readonlyPaths)
            $0.set("mountLabel", mountLabel)
            $0.set("personality", personality?.node)
            $0.set("intelRdt", intelRdt?.node)
            $0.set("memoryPolicy", memoryPolicy?.node)
        }
    }
}

extension Namespace {
    var node: Node {
        .object {
            $0.set("type", type.rawValue)
            $0.set("path", path)
        }
    }
}

extension TimeOffsets {
    var node: Node {
        .object {
            $0.set("boottime", boottime?.node)
            $0.set("monotonic", monotonic?.node)
        }
    }
}

extension TimeOffsets.Offset {
    var node: Node {
        .object {
            $0.set("secs", seconds)
            $0.set("nanosecs", nanoseconds)
        }
    }
}

extension Device {
    var node: Node {
        .object {
            $0.set("type", type)
            $0.set("path", path)
            $0.set("major", major)
            $0.set("minor", minor)
            $0.set("fileMode", fileMode)
            $0.set("uid", uid)
            $0.set("gid", gid)
        }
    }
}

extension NetDevice {
    var member: Member { Member(hostName, .object { $0.set("name", name) }) }
}

extension Personality {
    var node: Node {
        .object {
            $0.set("domain", domain)
            $0.set("flags", flags)
        }
    }
}

extension IntelRdt {
    var node: Node {
        .object {
            $0.set("closID", closID)
            $0.set("schemata", schemata)
            $0.set("l3CacheSchema", l3CacheSchema)
            $0.set("memBwSchema", memBwSchema)
            $0.flag("enableMonitoring", enableMonitoring)
        }
    }
}

extension MemoryPolicy {
    var node: Node {
        .object {
            $0.set("mode", mode)
            if !nodes.isEmpty { $0.set("nodes", nodes) }
            $0.set("flags", flags)
        }
    }
}

extension Seccomp {
    var node: Node {
        .object {
            $0.set("defaultAction", defaultAction)
            $0.set("defaultErrnoRet", defaultErrnoRet)
            $0.set("architectures", architectures)
            $0.set("flags", flags)
            $0.set("listenerPath", listenerPath)
            $0.set("listenerMetadata", listenerMetadata)
            $0.set("syscalls", syscalls) { $0.node }
        }
    }
}

extension Seccomp.Syscall {
    var node: Node {
        .object {
            $0.set("names", names)
            $0.set("action", action)
            $0.set("errnoRet", errnoRet)
            $0.set("args", args) { $0.node }
        }
    }
}

extension Seccomp.Argument {
    var node: Node {
        .object {
            $0.set("index", index)
            $0.set("value", value)
            if valueTwo != 0 { $0.set("valueTwo", valueTwo) }
            $0.set("op", op)
        }
    }
}
