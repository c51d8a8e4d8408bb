enum Help {
    static let version = """
        swiftbox-runtime version 0.1.0
        spec: 1.3.0
        +SECCOMP +CAP +CGROUP2 +BPF +OVERLAY
        """

    static let text = """
        swiftbox-runtime: run OCI bundles

        usage: swiftbox-runtime [global flags] VERB [flags] ID

        global flags
          --root DIR            state of the boxes (default /run/swiftbox/runtime)
          --log FILE            append errors and warnings to FILE
          --log-format FORMAT   text or json
          --version, --help

        verbs (`VERB --help` shows one)
        """
        + Verbs.all.map { "\n" + $0.type.help.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n") }
        .joined()
}
