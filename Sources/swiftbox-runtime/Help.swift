internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

enum Help {
    static var version: String {
        """
        swiftbox-runtime version \(Release.version)
        commit: \(Release.commit ?? "unknown")
        spec: \(Spec().ociVersion)
        libseccomp: \(SeccompLibrary.version)
        +SECCOMP +APPARMOR +SELINUX +CAP +EBPF +CGROUP2 +OVERLAY +IDMAP
        """
    }

    static let text = """
        swiftbox-runtime: run OCI bundles

        usage: swiftbox-runtime [global flags] VERB [flags] ID

        global flags
          --root DIR            state of the boxes (default /run/swiftbox/runtime; in a user
                                namespace $XDG_RUNTIME_DIR/swiftbox/runtime)
          --log FILE            append errors and warnings to FILE (or file:FILE, journald:NAME, syslog:NAME)
          --log-format FORMAT   text or json
          --log-level LEVEL     debug, info, warning (default) or error; --debug is short for the first
          --rootless ANSWER     true, false or auto: accepted; the runtime sees for itself whose it is
          --cgroup-manager NAME cgroupfs (default), systemd, or disabled: then no cgroup is made, and limits,
                                pause, events and update are refused
          --systemd-cgroup      the same as --cgroup-manager systemd
          --version, --help

        verbs (`VERB --help` shows one)
        """
        + Verbs.all.map { "\n" + $0.type.help.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n") }
        .joined()
}
