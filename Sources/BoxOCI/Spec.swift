/// A box as the OCI runtime specification 1.3 describes it (config.json), for Linux.
///
/// Pure values: no system call stands behind any of the types here, and all are safe on any thread.
/// Absent keys are nil or empty; `Spec(document:)` says which key of a text is wrong and where.
public struct Spec: Equatable, Sendable {
    public var ociVersion = "1.3.0"
    public var process: Process?
    public var root: Root?
    public var hostname: String?
    public var domainname: String?
    public var mounts: [Mount] = []
    public var hooks = Hooks()
    /// In the order of the text.
    public var annotations: [Pair] = []
    public var linux = Linux()
    /// What swiftbox adds to OCI; the key `swiftbox` of config.json.
    public var box = BoxExtension()

    public init() {}
}

/// A name and its value, where the text's order is kept.
public struct Pair: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// `root` of config.json.
public struct Root: Equatable, Sendable {
    /// Absolute, or relative to the bundle.
    public var path: String
    public var readonly = false

    public init(path: String, readonly: Bool = false) {
        self.path = path
        self.readonly = readonly
    }
}

/// One of `mounts`; the options are as typed.
public struct Mount: Equatable, Sendable {
    public var destination: String
    public var type: String?
    public var source: String?
    public var options: [String] = []
    public var uidMappings: [IDMapping] = []
    public var gidMappings: [IDMapping] = []

    public init(
        destination: String, type: String? = nil, source: String? = nil, options: [String] = []
    ) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }
}

/// One line of a user namespace's id map.
public struct IDMapping: Equatable, Sendable {
    public var containerID: UInt32
    public var hostID: UInt32
    public var size: UInt32

    public init(containerID: UInt32, hostID: UInt32, size: UInt32) {
        self.containerID = containerID
        self.hostID = hostID
        self.size = size
    }
}

/// `hooks` of config.json.
public struct Hooks: Equatable, Sendable {
    public var prestart: [Hook] = []
    public var createRuntime: [Hook] = []
    public var createContainer: [Hook] = []
    public var startContainer: [Hook] = []
    public var poststart: [Hook] = []
    public var poststop: [Hook] = []

    public init() {}
}

/// A program that the runtime is to call.
public struct Hook: Equatable, Sendable {
    public var path: String
    public var args: [String] = []
    public var env: [String] = []
    /// Seconds, greater than zero.
    public var timeout: Int?

    public init(path: String) { self.path = path }
}
