internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `exec`: one more process in a box.
struct ExecVerb: Verb {
    static let help = """
        exec [FLAGS] ID COMMAND [ARGUMENT…]
        exec [FLAGS] --process FILE ID
            start a process in a box that has been created or runs, under its limits and with its rights; the exit status
            is the process's, 128+n for signal n, 255 when swiftbox-runtime failed. Flags end at the ID.
          --process FILE, -p      a process as config.json has it; what is said beside it is put on top
          --cwd DIR               its working directory in the box
          --env NAME=VALUE, -e    sets a variable; more than once
          --tty, -t               gives it a terminal of the box
          --user U[:G], -u        names of the box's /etc/passwd and /etc/group, or numbers
          --additional-gids G, -g a further group; more than once, or with commas
          --cap NAME, -c          a capability beside the box's; more than once, or with commas
          --no-new-privs          set-id programs give it no rights
          --apparmor PROFILE      its AppArmor profile
          --process-label LABEL   its SELinux label
          --cgroup PATH           a cgroup below the box's own
          --ignore-paused         of a paused box: it starts when the box goes on
          --detach, -d            return when it has started
          --pid-file FILE         gets its pid
          --console-socket PATH   a unix socket that takes the terminal's master
          --pidfd-socket PATH     a unix socket that takes its pidfd
          --preserve-fds N        passes the descriptors 3 to N+2 on to it, beside those of LISTEN_FDS
        """
    static let failureStatus: Int32 = 255
    private var request = ExecRequest(id: "", stateRoot: "")

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            if try takeForProcess(flag, &arguments) { continue }
            switch flag {
            case "--cgroup": request.cgroup = try arguments.value(of: flag)
            case "--ignore-paused": request.ignoresPause = true
            case "--detach", "-d": request.isDetached = true
            case "--pid-file": request.pidFile = try absolute(arguments.value(of: flag))
            case "--console-socket": request.consoleSocket = try absolute(arguments.value(of: flag))
            case "--pidfd-socket": request.pidfdSocket = try absolute(arguments.value(of: flag))
            case "--preserve-fds": request.preservedDescriptors = try arguments.count(of: flag)
            default: throw Arguments.unknown(flag, "exec")
            }
        }
        guard let id = arguments.next() else {
            throw BoxError(
                .invalidSpec, "exec needs the id of a box", remedy: "swiftbox-runtime exec ID COMMAND")
        }
        try BoxName.check(id, field: "ID")
        request.id = id
        request.command = arguments.rest()
        if request.command.first == "--" { request.command.removeFirst() }
    }

    /// What describes the process; false when the flag is none of these.
    private mutating func takeForProcess(_ flag: String, _ arguments: inout Arguments) throws(BoxError) -> Bool {
        switch flag {
        case "--process", "-p": request.processFile = try absolute(arguments.value(of: flag))
        case "--cwd": request.cwd = try arguments.value(of: flag)
        case "--env", "-e": request.environment.append(try arguments.value(of: flag))
        case "--tty", "-t": request.terminal = true
        case "--user", "-u": request.user = try arguments.value(of: flag)
        case "--additional-gids", "-g": request.additionalGroups += try list(of: flag, &arguments)
        case "--cap", "-c": request.capabilities += try list(of: flag, &arguments)
        case "--no-new-privs": request.noNewPrivileges = true
        case "--apparmor": request.appArmorProfile = try arguments.value(of: flag)
        case "--process-label": request.processLabel = try arguments.value(of: flag)
        default: return false
        }
        return true
    }

    private func list(of flag: String, _ arguments: inout Arguments) throws(BoxError) -> [String] {
        try arguments.value(of: flag).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        var request = request
        request.stateRoot = global.root
        request.warn = { log.warn($0) }
        return try runExec(request)
    }
}
