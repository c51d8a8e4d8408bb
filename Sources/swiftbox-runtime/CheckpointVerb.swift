internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `checkpoint`.
struct CheckpointVerb: Verb {
    static let help =
        """
        checkpoint [FLAGS] ID
            write a running box to files, by criu, and end it
          --leave-running         it goes on
          --pre-dump              only its memory, for a later checkpoint with --parent-path; it goes on
          --parent-path DIR       the images of a pre-dump, relative to --image-path
          --page-server HOST:PORT memory goes to a page server of criu's
          --status-fd N           the descriptor N gets a byte when criu serves pages
        """ + "\n" + CriuFlags.help
    private var flags = CriuFlags()
    private var request: CheckpointRequest

    init(_ arguments: inout Arguments) throws(BoxError) {
        request = CheckpointRequest(id: "", stateRoot: "", options: CheckpointOptions(images: ""))
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--leave-running": request.leaveRunning = true
            case "--pre-dump": request.preDump = true
            case "--parent-path": request.parent = try Self.relative(arguments.value(of: flag), flag)
            case "--page-server":
                let text = try arguments.value(of: flag)
                guard let server = CheckpointRequest.PageServer(text) else {
                    throw BoxError(.invalidSpec, "\(text) is no address", field: flag, remedy: "HOST:PORT")
                }
                request.pageServer = server
            case "--status-fd": request.statusDescriptor = try arguments.count(of: flag)
            default: if try !flags.take(flag, &arguments) { throw Arguments.unknown(flag, "checkpoint") }
            }
        }
        request.id = try arguments.onlyID("checkpoint")
    }

    /// criu goes from one directory of images to the other by a link that it makes.
    private static func relative(_ path: String, _ flag: String) throws(BoxError) -> String {
        if !path.hasPrefix("/") && !path.isEmpty { return path }
        throw BoxError(.invalidSpec, "\(path) is not relative to --image-path", field: flag)
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        if let descriptor = request.statusDescriptor {
            try explaining({ BoxError(.invalidSpec, "it is not open", field: "--status-fd", errno: $0) }) {
                () throws(Errno) in _ = try File.status(at: descriptor)
            }
        }
        var request = request
        request.stateRoot = global.root
        request.options = try flags.checked()
        try Checkpointing.checkpoint(request) { log.warn($0) }
        return 0
    }
}
