internal import BoxOCI
internal import BoxRuntime

/// The flags that `checkpoint` and `restore` share.
struct CriuFlags {
    static let help = """
          --image-path DIR        the directory of the images (default: checkpoint in the working directory)
          --work-path DIR         where criu's log goes (default: beside the images)
          --tcp-established, --tcp-skip-in-flight, --ext-unix-sk, --shell-job, --file-locks, --link-remap
                                  what criu may take along: open connections, unix sockets that lead out of the box, the
                                  caller's terminal, locks on files, files that were removed
          --lazy-pages            memory comes later, when it is needed, by `criu lazy-pages`
          --auto-dedup            memory that a later image has is removed from its parents
          --empty-ns network      leaves out what the network namespace contains
          --manage-cgroups-mode MODE    soft (default), full, strict, or ignore
        """
    private var images = "checkpoint"
    private var work: String?
    private var options = CheckpointOptions(images: "")

    /// False when the flag is none of these.
    mutating func take(_ flag: String, _ arguments: inout Arguments) throws(BoxError) -> Bool {
        switch flag {
        case "--image-path": images = try arguments.value(of: flag)
        case "--work-path": work = try arguments.value(of: flag)
        case "--tcp-established": options.tcpEstablished = true
        case "--tcp-skip-in-flight": options.tcpSkipInFlight = true
        case "--ext-unix-sk": options.externalUnixSockets = true
        case "--shell-job": options.shellJob = true
        case "--file-locks": options.fileLocks = true
        case "--link-remap": options.linkRemap = true
        case "--lazy-pages": options.lazyPages = true
        case "--auto-dedup": options.autoDedup = true
        case "--empty-ns":
            let kind = try arguments.value(of: flag)
            if kind != "network" {
                throw BoxError(
                    .unsupported, "criu cannot leave out a namespace of the kind \(kind)", field: flag,
                    remedy: "network is the only one")
            }
            options.emptyNetwork = true
        case "--manage-cgroups-mode":
            let name = try arguments.value(of: flag)
            guard let mode = CheckpointOptions.Cgroups(rawValue: name) else {
                throw BoxError(
                    .invalidSpec, "\(name) is no mode", field: flag,
                    remedy: CheckpointOptions.Cgroups.allCases.map(\.rawValue).joined(separator: ", "))
            }
            options.cgroups = mode
        default: return false
        }
        return true
    }

    func checked() throws(BoxError) -> CheckpointOptions {
        var options = options
        options.images = try absolute(images)
        options.work = try work.map { (path) throws(BoxError) in try absolute(path) }
        return options
    }
}
