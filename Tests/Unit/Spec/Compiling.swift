import BoxOCI
import BoxSpec

/// A host that is the same everywhere: two disks, one character device, two files, a handful of accounts.
enum Compiling {
    static let passwd = """
        root:x:0:0:root:/root:/bin/bash
        ann:x:1000:1000::/home/ann:/bin/sh
        one:x:1:7::/one:/bin/sh
        broken:x:nine:1::/:/bin/sh
        """
    static let group = """
        root:x:0:
        tty:x:5:
        ann:x:1000:
        disk:x:6:ann,one
        video:x:44:ann
        """
    static let files: [String: String] = [
        "/here/vars": "# a comment\nONE=1\n\n  TWO=two words\nHOME=/elsewhere\nTOKEN\n",
        "/here/bad": "GOOD=1\nNOT SET\n",
        "/here/seccomp.json": #"{"defaultAction": "SCMP_ACT_ALLOW"}"#,
        "/here/broken.json": "{\n  \"defaultAction\": ,\n}",
        "/here/docker.json": #"{"defaultAction": "SCMP_ACT_ERRNO", "archMap": []}"#,
    ]

    static func context(uid: UInt32 = 0, terminal: Bool = false) -> SpecContext {
        SpecContext(
            id: "b0a1c2d3e4f5", workingDirectory: "/here", callerUID: uid,
            callerEnvironment: ["TOKEN": "t0ps3cret", "TERM": "vt100"], inputIsTerminal: terminal, passwd: passwd,
            group: group, resolveDevice: device, readFile: file)
    }

    private static func device(_ path: String, _ flag: String) throws(BoxError) -> DeviceNode {
        switch path {
        case "/dev/vda": return DeviceNode(.block, major: 254, minor: 0, mode: 0o660, uid: 0, gid: 6)
        case "/dev/vdb": return DeviceNode(.block, major: 254, minor: 16)
        case "/dev/fuse": return DeviceNode(.character, major: 10, minor: 229, mode: 0o666)
        default: throw BoxError(.notFound, "\(flag) \(path): cannot be read", field: flag)
        }
    }

    private static func file(_ path: String, _ flag: String) throws(BoxError) -> [UInt8] {
        guard let text = files[path] else {
            throw BoxError(.notFound, "\(flag) \(path): cannot be read", field: flag)
        }
        return Array(text.utf8)
    }

    /// The spec of `true` with the flags that `change` sets.
    static func spec(
        uid: UInt32 = 0, terminal: Bool = false, _ change: (inout RunOptions) -> Void = { _ in }
    ) throws(BoxError) -> Spec {
        var options = RunOptions()
        options.command = ["true"]
        change(&options)
        return try compile(options, context: context(uid: uid, terminal: terminal))
    }

    /// The error of those flags; nil when they are taken.
    static func refusal(_ change: (inout RunOptions) -> Void) -> BoxError? {
        do throws(BoxError) {
            _ = try spec(change)
            return nil
        } catch {
            return error
        }
    }
}
