/// `linux.seccomp` of config.json; names as libseccomp has them (`SCMP_ACT_ERRNO`).
public struct Seccomp: Equatable, Sendable {
    public var defaultAction: String
    public var defaultErrnoRet: UInt32?
    public var architectures: [String] = []
    public var flags: [String] = []
    public var listenerPath: String?
    public var listenerMetadata: String?
    public var syscalls: [Syscall] = []

    public init(defaultAction: String) { self.defaultAction = defaultAction }

    /// Whether an agent is asked about any call.
    public var notifies: Bool { syscalls.contains { $0.action == "SCMP_ACT_NOTIFY" } }

    public struct Syscall: Equatable, Sendable {
        public var names: [String]
        public var action: String
        public var errnoRet: UInt32?
        public var args: [Argument] = []

        public init(names: [String], action: String) {
            self.names = names
            self.action = action
        }
    }

    public struct Argument: Equatable, Sendable {
        /// 0 to 5.
        public var index: UInt32
        public var value: UInt64
        public var valueTwo: UInt64
        /// `SCMP_CMP_EQ`.
        public var op: String

        public init(index: UInt32, value: UInt64, valueTwo: UInt64 = 0, op: String) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }
    }
}
