internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity

/// `restore`: the box of a checkpoint, in the foreground to its end.
struct RestoreVerb: Verb {
    static let help =
        """
        restore [FLAGS] ID
            the box of a bundle goes on where a checkpoint of it ended; in the foreground as `run` does it
          --bundle DIR, -b, --config FILE, -f, --pid-file FILE, --console-socket PATH, --pidfd-socket PATH,
          --trace-timing FILE     as of create
          --detach, -d            return when it runs
          --lsm-profile TYPE:NAME another security label, such as apparmor:NAME or selinux:LABEL
          --lsm-mount-context LABEL     the SELinux label of what is mounted
          --no-subreaper          accepted: swiftbox-runtime is none
          --no-pivot, --no-new-keyring, --preserve-fds    refused: criu does none of it
        """ + "\n" + CriuFlags.help
    private var creation = CreateFlags()
    private var flags = CriuFlags()
    private var isDetached = false
    private var label: String?
    private var mountLabel: String?
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--detach", "-d": isDetached = true
            case "--lsm-profile": label = try Self.label(arguments.value(of: flag), flag)
            case "--lsm-mount-context": mountLabel = try arguments.value(of: flag)
            case "--no-pivot", "--no-new-keyring", "--preserve-fds":
                throw BoxError(.unsupported, "restore cannot do it: criu makes the processes", field: flag)
            default:
                if try flags.take(flag, &arguments) { continue }
                if try !creation.take(flag, &arguments) { throw Arguments.unknown(flag, "restore") }
            }
        }
        id = try arguments.onlyID("restore")
    }

    private static func label(_ text: String, _ flag: String) throws(BoxError) -> String {
        if text.hasPrefix("apparmor:") || text.hasPrefix("selinux:") { return text }
        throw BoxError(.invalidSpec, "\(text) is no label", field: flag, remedy: "apparmor:NAME or selinux:LABEL")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        var request = try creation.request(id, global, log)
        var wanted = RestoreOptions(try flags.checked())
        wanted.label = label
        wanted.mountLabel = mountLabel
        request.restore = wanted
        if isDetached {
            try createBox(request)
            return 0
        }
        if creation.consoleSocket != nil {
            throw BoxError(
                .invalidSpec, "in the foreground the terminal is the caller's", field: "--console-socket",
                remedy: "add --detach, or leave it out")
        }
        return try runForeground(request)
    }
}
