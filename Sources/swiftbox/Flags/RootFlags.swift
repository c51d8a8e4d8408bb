internal import ArgumentParser
internal import BoxSpec

struct RootFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: .init("A spec file, YAML or JSON; flags override it. See: swiftbox spec --help.", valueName: "file"),
        completion: .file())
    var file: String?
    @Option(
        help: .init("A directory as the root; a layer on top keeps it unchanged.", valueName: "dir"),
        completion: .directory)
    var rootfs: String?
    @Option(
        name: .customLong("layer"),
        help: .init("A further layer below --rootfs; repeatable, the topmost first.", valueName: "dir"),
        completion: .directory)
    var layers: [String] = []
    @Option(
        help: .init("A directory that keeps the changes; else they are thrown away.", valueName: "dir"),
        completion: .directory)
    var upper: String?
    @Flag(help: "A root that cannot be written; no changes, so no --upper.")
    var readOnly = false
    @Option(help: .init("How much thrown-away changes may take (default: half the memory).", valueName: "size"))
    var scratchSize: String?
    @Option(help: .init("An OCI bundle, its config.json as it stands.", valueName: "dir"), completion: .directory)
    var bundle: String?

    func fill(_ options: inout RunOptions) {
        options.bundle = bundle
        options.rootfs = rootfs
        options.layers = layers
        options.upper = upper
        options.readOnly = readOnly
        options.scratchSize = scratchSize
    }
}

struct MountFlags: ParsableArguments {
    @Option(
        name: [.customShort("v", allowingJoined: true), .customLong("volume")],
        help: .init(
            "Bring a file or directory in; ro, noexec, suid, dev, bind, noidmap, … as options.",
            valueName: "src:dst[:options]"),
        completion: .file())
    var volumes: [String] = []
    @Option(
        name: .customLong("mount"),
        help: .init("The same in words: type=bind,src=…,dst=…,ro or type=tmpfs,dst=….", valueName: "key=value,…"))
    var mounts: [String] = []
    @Option(
        help: .init("An empty directory in memory; size=, mode=, uid=, gid=, … as options.", valueName: "dst[:options]")
    )
    var tmpfs: [String] = []
    @Option(help: .init("Size of /dev/shm (default: 64m).", valueName: "size"))
    var shmSize: String?
    @Option(
        name: .customLong("device"), help: .init("A device of the host.", valueName: "src[:dst][:rwm]"),
        completion: .file())
    var devices: [String] = []
    @Option(
        name: .customLong("copy-out"),
        help: .init(
            "Fetch a file or directory when the box has ended, however it ended; repeatable.",
            valueName: "boxpath:hostpath"))
    var copyOut: [String] = []
    @Option(help: .init("How much all --copy-out may come to (default: 1g).", valueName: "size"))
    var copyOutLimit: String?

    func fill(_ options: inout RunOptions) {
        options.volumes = volumes
        options.mounts = mounts
        options.tmpfs = tmpfs
        options.shmSize = shmSize
        options.devices = devices
        options.copyOut = copyOut
        options.copyOutLimit = copyOutLimit
    }
}
