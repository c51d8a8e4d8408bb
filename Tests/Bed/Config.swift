internal import Foundation

/// A config.json that a test changes by the path that an error message would name:
/// `config.set("linux.resources.pids.limit", 64)`.
public struct Config {
    private var tree: Any

    /// What docker would write for a plain box without a seccomp profile: six namespaces, the usual mounts, 14
    /// capabilities, no_new_privs, masked and read-only paths.
    public init(_ arguments: String...) throws {
        tree = try JSONSerialization.jsonObject(with: Data(dockerLike.utf8))
        set("process.args", arguments)
    }

    /// Puts a value (Bool, Int, String, arrays and dictionaries of them) at a path, making what is missing on the
    /// way; nil removes. An array takes an index, or `+` for a new last element.
    public mutating func set(_ path: String, _ value: Any?) {
        tree = Config.put(value, at: path.split(separator: ".")[...], in: tree) ?? [String: Any]()
    }

    /// The JSON text.
    public func text() throws -> String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: tree, options: options), as: UTF8.self)
    }

    private static func put(_ value: Any?, at path: ArraySlice<Substring>, in node: Any?) -> Any? {
        guard let key = path.first else { return value }
        let rest = path.dropFirst()
        if var list = node as? [Any], key == "+" || Int(key) != nil {
            let index = Int(key) ?? list.count
            let new = put(value, at: rest, in: index < list.count ? list[index] : nil)
            if index < list.count { list.remove(at: index) }
            if let new { list.insert(new, at: index) }
            return list
        }
        if key == "+" { return [put(value, at: rest, in: nil)].compactMap { $0 } }
        var object = node as? [String: Any] ?? [:]
        object[String(key)] = put(value, at: rest, in: object[String(key)])
        return object
    }
}

private let dockerLike = """
    {
      "ociVersion": "1.2.0",
      "hostname": "box",
      "root": { "path": "rootfs" },
      "process": {
        "terminal": false, "cwd": "/", "user": { "uid": 0, "gid": 0 }, "noNewPrivileges": true,
        "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"],
        "capabilities": { "bounding": \(capabilities), "effective": \(capabilities), "permitted": \(capabilities) }
      },
      "mounts": [
        { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"] },
        { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
          "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
          "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        { "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
          "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
          "options": ["nosuid", "noexec", "nodev"] },
        { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] }
      ],
      "linux": {
        "namespaces": [
          { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" },
          { "type": "cgroup" }
        ],
        "maskedPaths": [
          "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"
        ],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
      }
    }
    """

private let capabilities = """
    ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
     "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
     "CAP_AUDIT_WRITE"]
    """
