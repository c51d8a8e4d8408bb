internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// The flags that `create` and `run` share, and what the environment says beside them.
struct CreateFlags {
    static let help = """
          --bundle DIR, -b        the bundle (default: the working directory)
          --config FILE, -f       its configuration (default: config.json in the bundle)
          --pid-file FILE         gets the pid of the init process
          --console-socket PATH   a unix socket that takes the terminal's master, where process.terminal is set
          --pidfd-socket PATH     a unix socket that takes the init process's pidfd
          --preserve-fds N        passes the descriptors 3 to N+2 on to the workload
          --no-pivot              chroot(2) in place of pivot_root(2), for hosts that run from an initramfs
          --no-new-keyring        stays in the caller's session keyring
          --trace-timing FILE     gets what each step of the start took, in nanoseconds, as JSON, when the runtime ends;
                                  FILE may be fd:N
          --no-subreaper          accepted: swiftbox-runtime is none
        """
    var bundle = "."
    var config: String?
    var pidFile: String?
    var consoleSocket: String?
    var pidfdSocket: String?
    var preserved: CInt = 0
    var withoutPivot = false
    var withoutKeyring = false
    var traceTiming: String?

    /// False when the flag is none of these.
    mutating func take(_ flag: String, _ arguments: inout Arguments) throws(BoxError) -> Bool {
        switch flag {
        case "--bundle", "-b": bundle = try arguments.value(of: flag)
        case "--config", "-f": config = try arguments.value(of: flag)
        case "--pid-file": pidFile = try absolute(arguments.value(of: flag))
        case "--console-socket": consoleSocket = try absolute(arguments.value(of: flag))
        case "--pidfd-socket": pidfdSocket = try absolute(arguments.value(of: flag))
        case "--preserve-fds": preserved = try arguments.count(of: flag)
        case "--no-pivot": withoutPivot = true
        case "--no-new-keyring": withoutKeyring = true
        case "--trace-timing": traceTiming = try arguments.value(of: flag)
        case "--no-subreaper": break
        default: return false
        }
        return true
    }

    func request(_ id: String, _ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> LaunchRequest {
        let times = try traceTiming.map { (file) throws(BoxError) in
            try StepTimes(file.hasPrefix("fd:") ? file : absolute(file))
        }
        let bundle = try absolute(self.bundle)
        let path = try config.map { (path) throws(BoxError) in try absolute(path) } ?? bundle + "/config.json"
        let source = try ConfigFile.readText(path, filters: SeccompCache(directory: global.root))
        var spec = source.spec
        if let manager = global.cgroupManager { spec.box.cgroupManager = manager }
        var request = LaunchRequest(spec: spec, id: id, bundle: bundle, stateRoot: global.root)
        request.source = source
        request.times = times
        request.pidFile = pidFile
        request.consoleSocket = consoleSocket
        request.pidfdSocket = pidfdSocket
        request.passedDescriptors = preserved
        request.withoutPivot = withoutPivot
        request.withoutKeyring = withoutKeyring
        request.warn = { log.warn($0) }
        if log.isDebugging { request.debug = { log.debug($0) } }
        try request.passServiceManagerOn(Caller.variable)
        return request
    }
}
