/// What `checkpoint` and `restore` can both be told, and criu in turn. The words are runc's.
public struct CheckpointOptions: Equatable, Sendable {
    /// How criu deals with the cgroups of the box (`--manage-cgroups-mode`).
    public enum Cgroups: String, Equatable, Sendable, CaseIterable {
        case ignore, soft, full, strict

        /// criu_cg_mode
        var number: Int {
            switch self {
            case .ignore: 0
            case .soft: 3
            case .full: 4
            case .strict: 5
            }
        }
    }

    /// Absolute. The directory of the images.
    public var images: String
    /// Absolute. Where criu's log goes; the directory of the images when nil.
    public var work: String?
    public var tcpEstablished = false
    public var tcpSkipInFlight = false
    public var externalUnixSockets = false
    public var shellJob = false
    public var fileLocks = false
    public var autoDedup = false
    public var lazyPages = false
    public var linkRemap = false
    /// The network namespace's contents are somebody else's affair.
    public var emptyNetwork = false
    public var cgroups = Cgroups.soft

    public init(images: String) { self.images = images }

    /// criu_opts of criu's rpc.proto, as far as both requests share them.
    func message(images: CInt, work: CInt, log: String) -> WireMessage {
        var message = WireMessage()
        message.add(1, Int(images))
        message.add(4, externalUnixSockets)
        message.add(5, tcpEstablished)
        // A device node that has gone from its path may be found by another.
        message.add(6, true)
        message.add(7, shellJob)
        message.add(8, fileLocks)
        message.add(9, 4)
        message.add(10, log)
        message.add(16, autoDedup)
        message.add(17, Int(work))
        message.add(18, linkRemap)
        message.add(24, true)
        message.add(34, cgroups.number)
        // CLONE_NEWNET
        if emptyNetwork { message.add(38, 0x4000_0000) }
        message.add(46, tcpSkipInFlight)
        message.add(48, lazyPages)
        message.add(50, true)
        return message
    }
}

/// `checkpoint`.
public struct CheckpointRequest: Equatable, Sendable {
    public var id: String
    public var stateRoot: String
    public var options: CheckpointOptions
    public var leaveRunning = false
    /// Only the memory, to be the parent of a later checkpoint; the box goes on.
    public var preDump = false
    /// The images of an earlier pre-dump, relative to these.
    public var parent: String?
    /// ADDRESS:PORT of criu's page server.
    public var pageServer: PageServer?
    /// An open descriptor that gets a byte when criu serves pages (`--status-fd`).
    public var statusDescriptor: CInt?

    public struct PageServer: Equatable, Sendable {
        public var address: String
        public var port: UInt16

        /// `HOST:PORT`; the host may be an IPv6 address in brackets. nil when it is none.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("[") && host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            if host.isEmpty { return nil }
            (address, self.port) = (String(host), port)
        }
    }

    public init(id: String, stateRoot: String, options: CheckpointOptions) {
        self.id = id
        self.stateRoot = stateRoot
        self.options = options
    }
}

/// `restore`, beside what it takes to make a box (`LaunchRequest.restore`).
public struct RestoreOptions: Equatable, Sendable {
    public var options: CheckpointOptions
    /// `apparmor:NAME` or `selinux:LABEL` in the place of the label that was (`--lsm-profile`).
    public var label: String?
    /// The SELinux context of what is mounted (`--lsm-mount-context`).
    public var mountLabel: String?

    public init(_ options: CheckpointOptions) { self.options = options }
}
