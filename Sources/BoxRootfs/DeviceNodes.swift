public import BoxOCI
internal import BoxSystem

/// The box's own /dev: nodes made with mknod(2) or, in a user namespace, bound from the host; and its links.
public enum DeviceNodes {
    /// What every box has (runtime-spec, default devices).
    public static let defaults: [Device] = [
        node("/dev/null", 1, 3), node("/dev/zero", 1, 5), node("/dev/full", 1, 7), node("/dev/random", 1, 8),
        node("/dev/urandom", 1, 9), node("/dev/tty", 5, 0),
    ]

    /// Path and target of the links that every box has (runtime-spec, default devices and symlinks).
    public static let links: [Pair] = [
        Pair("/dev/fd", "/proc/self/fd"), Pair("/dev/stdin", "/proc/self/fd/0"),
        Pair("/dev/stdout", "/proc/self/fd/1"), Pair("/dev/stderr", "/proc/self/fd/2"), Pair("/dev/ptmx", "pts/ptmx"),
    ]

    private static func node(_ path: String, _ major: Int64, _ minor: Int64) -> Device {
        var device = Device(type: "c", path: path, major: major, minor: minor)
        device.fileMode = 0o666
        return device
    }

    /// mknod(2) in the rootfs. Where the file is there already it must be the very device (runtime-spec, devices).
    public static func make(_ device: Device, in root: CInt) throws(BoxError) {
        try explaining(failure(device)) { () throws(Errno) in
            let (directory, name) = File.split(device.path)
            let parent = try RootedPath.openOrMake(directory, in: root, as: .directory, followLinks: false)
            try make(device, name: name, at: parent.raw)
        }
    }

    private static func make(_ device: Device, name: String, at parent: CInt) throws(Errno) {
        let number = DeviceNumber(
            major: UInt32(truncatingIfNeeded: device.major), minor: UInt32(truncatingIfNeeded: device.minor))
        let mode = device.fileMode ?? 0o666
        let isNew = try tolerating(.fileExists) { () throws(Errno) in
            try File.makeNode(name, type: type(of: device), mode: mode, device: number, at: parent)
        }
        if !isNew {
            if !matches(try File.status(name, at: parent), device) { throw .fileExists }
            return
        }
        try File.changeMode(name, mode: mode, at: parent)
        if device.uid != nil || device.gid != nil {
            try File.changeOwner(name, uid: device.uid ?? 0, gid: device.gid ?? 0, at: parent)
        }
    }

    /// Attaches a copy of the host's node, which must be the very device.
    public static func bind(_ tree: CInt, _ device: Device, in root: CInt) throws(BoxError) {
        let there = try explaining(failure(device)) { () throws(Errno) in try File.status(at: tree) }
        if !matches(there, device) {
            throw BoxError(.denied, "the host's \(device.path) is not the device \(device.major):\(device.minor)")
        }
        try explaining(failure(device)) { () throws(Errno) in
            let target = try RootedPath.openOrMake(device.path, in: root, as: .file, followLinks: false)
            try Mounts.attach(tree, onto: target.raw)
        }
    }

    /// What every box has in /dev: nodes and links whose paths are `/dev/NAME`. A link that is there already is left as it is.
    public static func fill(_ devices: [Device], _ links: [Pair], in root: CInt) throws(BoxError) {
        let dev = try explaining({ BoxError(.kernel, "cannot open /dev", errno: $0) }) { () throws(Errno) in
            try RootedPath.openOrMake("/dev", in: root, as: .directory, followLinks: false)
        }
        for device in devices {
            try explaining(failure(device)) { () throws(Errno) in
                try make(device, name: File.split(device.path).name, at: dev.raw)
            }
        }
        for link in links {
            try explaining({ BoxError(.kernel, "cannot make the link \(link.name)", errno: $0) }) { () throws(Errno) in
                try tolerating(.fileExists) { () throws(Errno) in
                    try File.makeLink(File.split(link.name).name, to: link.value, at: dev.raw)
                }
            }
        }
    }

    static func matches(_ status: FileStatus, _ device: Device) -> Bool {
        if device.type == "p" { return status.kind == .fifo }
        let kind: FileStatus.Kind = device.type == "b" ? .block : .character
        return status.kind == kind && Int64(status.represents.major) == device.major
            && Int64(status.represents.minor) == device.minor
    }

    private static func type(of device: Device) -> UInt32 {
        switch device.type {
        case "b": 0o060000
        case "p": 0o010000
        default: 0o020000
        }
    }

    private static func failure(_ device: Device) -> (Errno) -> BoxError {
        { BoxError(.kernel, "cannot make the device \(device.path)", errno: $0) }
    }
}
