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

        verbs
          run [--bundle DIR] [--config FILE] [--pid-file FILE] ID
              run the box of the bundle DIR (-b; default: the working directory) until it ends;
              the exit status is the workload's, 128+n for signal n, 1 when swiftbox-runtime failed
          delete [--force] ID
              clear what a killed run left; with --force (-f) end a running box first
        """
}
