import BoxDocument
import BoxOCI

extension Node {
    /// This with the value at `path` replaced by what the JSON text says, or taken out, read again so that positions are
    /// those of a text. The path must lead to something that is there.
    func setting(_ path: String, to value: String?) throws -> Node {
        try JSON.parse(JSON.write(replacing(path, by: value), pretty: true))
    }

    /// The same, with no positions.
    func replacing(_ path: String, by value: String?) throws -> Node {
        var place = path.split(separator: ".").flatMap { part in
            part.split(separator: "[").enumerated().map { $0 == 0 ? String($1) : "[" + $1.dropLast() }
        }[...]
        let new = try value.map { try JSON.parse(Array($0.utf8)) }
        return try replaced(&place, new) ?? Node(.null)
    }

    private func replaced(_ path: inout ArraySlice<String>, _ new: Node?) throws -> Node? {
        guard let step = path.popFirst() else { return new }
        switch value {
        case .array(let elements) where step.hasPrefix("["):
            var copy = elements
            let index = Int(step.dropFirst()) ?? 0
            if let changed = try elements[index].replaced(&path, new) { copy[index] = changed }
            return Node(.array(copy))
        case .object(let members):
            // A tilde stands for a dot that belongs to the key.
            let key = String(step.map { $0 == "~" ? "." : $0 })
            guard let index = members.firstIndex(where: { $0.key == key }) else { break }
            var copy = members
            if let changed = try members[index].node.replaced(&path, new) {
                copy[index].node = changed
            } else {
                copy.remove(at: index)
            }
            return Node(.object(copy))
        default: break
        }
        throw BoxError(.internal, "the whole config has nothing at \(step)")
    }
}

/// Every key of the schemas that matters on Linux, each with a value.
let wholeConfig: Node = {
    do {
        return try JSON.parse(Array(text.utf8))
    } catch {
        fatalError("\(error)")
    }
}()

private let hook = #"[{"path": "/hook", "args": ["hook"], "env": ["A=b"], "timeout": 10}]"#
private let mapping = #"[{"containerID": 0, "hostID": 100000, "size": 65536}]"#
private let device = #"{"major": 8, "minor": 0, "rate": 1}"#
private let text = """
    {
      "ociVersion": "1.3.0", "hostname": "box", "domainname": "site", "annotations": {"a": "b"},
      "solaris": {}, "windows": {}, "vm": {}, "zos": {}, "freebsd": {},
      "root": {"path": "rootfs", "readonly": true},
      "mounts": [{"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind"],
                  "uidMappings": \(mapping), "gidMappings": \(mapping)}],
      "hooks": {"prestart": \(hook), "createRuntime": \(hook), "createContainer": \(hook), "startContainer": \(hook),
                "poststart": \(hook), "poststop": \(hook)},
      "process": {
        "terminal": true, "consoleSize": {"height": 50, "width": 120}, "cwd": "/", "args": ["true"], "env": ["A=b"],
        "commandLine": "", "user": {"uid": 1, "gid": 2, "umask": 18, "additionalGids": [3], "username": "ann"},
        "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"],
                         "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 2, "soft": 1}], "noNewPrivileges": true, "apparmorProfile": "a",
        "selinuxLabel": "s", "oomScoreAdj": -500, "execCPUAffinity": {"initial": "0-1, 3", "final": "0"},
        "scheduler": {"policy": "SCHED_OTHER", "nice": 5, "priority": 0, "flags": ["SCHED_FLAG_RESET_ON_FORK"],
                      "runtime": 0, "deadline": 0, "period": 0},
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4}
      },
      "linux": {
        "namespaces": [{"type": "pid", "path": "/proc/7/ns/pid"}, {"type": "network"}, {"type": "uts"}, {"type": "user"},
                       {"type": "time"}, {"type": "ipc"}, {"type": "mount"}, {"type": "cgroup"}],
        "uidMappings": \(mapping), "gidMappings": \(mapping),
        "timeOffsets": {"boottime": {"secs": -10, "nanosecs": 5}, "monotonic": {"secs": 3, "nanosecs": 0}},
        "devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0}],
        "netDevices": {"eth7": {"name": "eth0"}}, "cgroupsPath": "/box", "mountLabel": "m", "rootfsPropagation": "slave",
        "sysctl": {"net.x": "1"}, "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
        "personality": {"domain": "LINUX", "flags": []},
        "intelRdt": {"closID": "c", "schemata": ["L3:0=f"], "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=70",
                     "enableMonitoring": false},
        "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]},
        "resources": {
          "devices": [{"allow": false, "type": "c", "major": 1, "minor": 3, "access": "rwm"}], "pids": {"limit": 64},
          "memory": {"limit": 100, "reservation": 0, "swap": 200, "kernel": 0, "kernelTCP": -1, "swappiness": 0,
                     "disableOOMKiller": false, "useHierarchy": false, "checkBeforeUpdate": true},
          "cpu": {"shares": 512, "quota": 150000, "period": 100000, "burst": 5, "cpus": "0-1", "mems": "0", "idle": 0,
                  "realtimeRuntime": 0, "realtimePeriod": 0},
          "blockIO": {"weight": 100, "leafWeight": 0,
                      "weightDevice": [{"major": 8, "minor": 0, "weight": 200, "leafWeight": 0}],
                      "throttleReadBpsDevice": [\(device)], "throttleWriteBpsDevice": [\(device)],
                      "throttleReadIOPSDevice": [\(device)], "throttleWriteIOPSDevice": [\(device)]},
          "hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],
          "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}}, "unified": {"pids": "1"},
          "network": {"classID": 0, "priorities": [{"name": "eth0", "priority": 1}]}
        },
        "seccomp": {
          "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
          "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/agent", "listenerMetadata": "m",
          "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                        "args": [{"index": 0, "value": 1, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]}]
        }
      }
    }
    """
