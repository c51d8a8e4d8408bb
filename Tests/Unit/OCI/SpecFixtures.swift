import BoxOCI

/// A config.json such as Docker's engine writes one, shortened.
let engineConfig = #"""
    {
      "ociVersion": "1.2.1",
      "process": {
        "terminal": true,
        "consoleSize": {"height": 50, "width": 120},
        "user": {"uid": 1000, "gid": 1000, "umask": 18, "additionalGids": [10, 4294967294], "username": "ann"},
        "args": ["/bin/sh", "-c", "echo \"$HOME\""],
        "env": ["PATH=/usr/bin:/bin", "TERM=xterm", "EMPTY="],
        "cwd": "/srv/app",
        "capabilities": {
          "bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_CHOWN", "CAP_KILL"],
          "permitted": ["CAP_CHOWN", "CAP_KILL"], "inheritable": null
        },
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 1024}],
        "noNewPrivileges": true,
        "apparmorProfile": "docker-default",
        "selinuxLabel": "",
        "oomScoreAdj": -500,
        "scheduler": {"policy": "SCHED_BATCH", "nice": 5, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4},
        "execCPUAffinity": {"initial": "0-1", "final": "0"}
      },
      "root": {"path": "/var/lib/engine/overlay/merged", "readonly": true},
      "hostname": "4b8f6d3f0c11",
      "domainname": "",
      "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["size=67108864"]},
        {
          "destination": "/data", "type": "bind", "source": "/srv/data", "options": ["rbind", "rprivate", "idmap"],
          "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
          "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]
        }
      ],
      "hooks": {
        "prestart": null,
        "createRuntime": [{"path": "/usr/bin/net-hook", "args": ["net-hook", "up"], "env": ["A=b"], "timeout": 10}]
      },
      "annotations": {"org.example.b": "2", "org.example.a": "1"},
      "linux": {
        "namespaces": [
          {"type": "mount"}, {"type": "network", "path": ""}, {"type": "uts"}, {"type": "pid", "path": "/proc/7/ns/pid"},
          {"type": "ipc"}, {"type": "cgroup"}, {"type": "user"}, {"type": "time"}
        ],
        "uidMappings": [
          {"containerID": 0, "hostID": 100000, "size": 1000}, {"containerID": 1000, "hostID": 5000, "size": 1}
        ],
        "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
        "timeOffsets": {"boottime": {"secs": -10, "nanosecs": 5}, "monotonic": {"secs": 3}},
        "devices": [
          {"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0},
          {"type": "p", "path": "/dev/pipe"}
        ],
        "netDevices": {"eth7": {"name": "eth0"}, "dummy0": {}},
        "cgroupsPath": "system.slice:engine:4b8f",
        "resources": {
          "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rw"}],
          "memory": {
            "limit": 67108864, "reservation": 0, "swap": 134217728, "swappiness": null, "disableOOMKiller": false,
            "checkBeforeUpdate": true
          },
          "cpu": {"shares": 512, "quota": 150000, "period": 100000, "burst": 5, "cpus": "0-1", "mems": "0", "idle": 0},
          "pids": {"limit": 64},
          "blockIO": {
            "weight": 100, "weightDevice": [{"major": 8, "minor": 0, "weight": 200}],
            "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1048576}],
            "throttleWriteBpsDevice": [{"major": 8, "minor": 16, "rate": 1}],
            "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 2}],
            "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}]
          },
          "hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],
          "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}},
          "unified": {"memory.high": "50000000"},
          "network": {"classID": 0, "priorities": null}
        },
        "rootfsPropagation": "rslave",
        "seccomp": {
          "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
          "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
          "flags": ["SECCOMP_FILTER_FLAG_LOG"],
          "listenerPath": "/run/listener.sock", "listenerMetadata": "box",
          "syscalls": [
            {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
            {
              "names": ["personality"], "action": "SCMP_ACT_ALLOW",
              "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]
            },
            {
              "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
              "args": [{"index": 0, "value": 2114060288, "valueTwo": 7, "op": "SCMP_CMP_MASKED_EQ"}]
            },
            {"names": ["mknod"], "action": "SCMP_ACT_NOTIFY"}
          ]
        },
        "sysctl": {"net.ipv4.ip_forward": "1", "kernel.shmmax": "65536"},
        "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"],
        "mountLabel": "system_u:object_r:container_file_t:s0",
        "personality": {"domain": "LINUX32"},
        "intelRdt": {"closID": "a", "schemata": ["L3:0=f"], "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20", "enableMonitoring": true},
        "memoryPolicy": {"mode": "MPOL_INTERLEAVE", "nodes": "0-1", "flags": ["MPOL_F_STATIC_NODES"]}
      },
      "swiftbox": {
        "rootfs": {"layers": ["/a", "/b"], "upper": "/c", "hide": ["/d"], "hostPaths": []}, "autoUserNamespace": true, "bestEffort": true,
        "defaults": ["linux.resources.pids.limit"], "flags": {"linux.resources.memory.limit": "--memory 64m"}, "init": true,
        "scratchSize": 1048576, "hostPaths": ["/e"]
      },
      "windows": {"layerFolders": ["C:\\"]},
      "unknown": {"nested": [1, 2.5]}
    }
    """#

/// The least that runs, with more members where a test wants them; each addition begins with a comma.
func smallConfig(process: String = "", linux: String = "", top: String = "") -> String {
    """
    {
      "ociVersion": "1.3.0",
      "root": {"path": "rootfs"},
      "process": {"args": ["true"], "cwd": "/"\(process)},
      "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}]\(linux)}\(top)
    }
    """
}

/// Reads a text in which `§` stands right before the value an error should point at.
func read(marked text: String) throws(BoxError) -> Spec {
    try Spec.read(json: text.utf8.filter { $0 != 0xC2 && $0 != 0xA7 })
}
