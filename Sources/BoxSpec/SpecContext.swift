public import BoxOCI
public import BoxSecurity

/// What the outside world says; with it and the options, `compile` is a pure function.
public struct SpecContext {
    /// The box's id: its default host name.
    public var id: String
    /// Absolute; relative paths of flags start here.
    public var workingDirectory: String
    /// Of whoever starts swiftbox.
    public var callerUID: UInt32
    /// Ids that a box of an ordinary user can have, from 0 on; nil for root, who can have any.
    public var ownIDs: UInt32?
    /// What the caller may hand on: `ALL` means all of these where the box has no user namespace of its own.
    public var callerCapabilities: CapabilitySet
    /// The caller's environment, for `-e NAME` and TERM.
    public var callerEnvironment: CallerEnvironment
    /// Whether swiftbox's standard input is a terminal.
    public var inputIsTerminal: Bool
    /// The text of the rootfs's /etc/passwd and /etc/group, empty where there is none.
    public var passwd: String
    public var group: String
    /// The device behind a node's path; the second argument is the flag to name in an error.
    public var resolveDevice: (_ path: String, _ flag: String) throws(BoxError) -> DeviceNode
    /// A file that a flag names (`--env-file`, `--security-opt seccomp=`), whole.
    public var readFile: (_ path: String, _ flag: String) throws(BoxError) -> [UInt8]

    public init(
        id: String, workingDirectory: String = "/", callerUID: UInt32 = 0,
        callerCapabilities: CapabilitySet = .all, callerEnvironment: CallerEnvironment = [:],
        inputIsTerminal: Bool = false, passwd: String = "",
        group: String = "",
        resolveDevice: @escaping (_ path: String, _ flag: String) throws(BoxError) -> DeviceNode,
        readFile: @escaping (_ path: String, _ flag: String) throws(BoxError) -> [UInt8]
    ) {
        self.id = id
        self.workingDirectory = workingDirectory
        self.callerUID = callerUID
        self.callerCapabilities = callerCapabilities
        self.callerEnvironment = callerEnvironment
        self.inputIsTerminal = inputIsTerminal
        self.passwd = passwd
        self.group = group
        self.resolveDevice = resolveDevice
        self.readFile = readFile
    }

    /// `path` below the working directory when it is relative; without `.` and doubled slashes.
    /// `..` stays for the kernel, which knows what is a link.
    public func absolute(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : workingDirectory + "/" + path
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}

/// Variables by name: those of this process, looked up when one is asked for, or some that are given.
public struct CallerEnvironment: ExpressibleByDictionaryLiteral, Sendable {
    private let value: @Sendable (String) -> String?

    public init(_ value: @escaping @Sendable (String) -> String?) { self.value = value }

    public init(dictionaryLiteral pairs: (String, String)...) {
        value = { name in pairs.first { $0.0 == name }?.1 }
    }

    public subscript(_ name: String) -> String? { value(name) }
}

/// A device node of the host.
public struct DeviceNode: Equatable, Sendable {
    public enum Kind: String, Sendable {
        case block = "b"
        case character = "c"
    }

    public var kind: Kind
    public var major: UInt32
    public var minor: UInt32
    /// Permission bits.
    public var mode: UInt32
    public var uid: UInt32
    public var gid: UInt32

    public init(_ kind: Kind, major: UInt32, minor: UInt32, mode: UInt32 = 0o666, uid: UInt32 = 0, gid: UInt32 = 0) {
        self.kind = kind
        self.major = major
        self.minor = minor
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }
}
