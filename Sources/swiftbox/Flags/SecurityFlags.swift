internal import ArgumentParser
internal import BoxSpec

struct SecurityFlags: ParsableArguments {
    @Option(
        help: .init(
            "The box's users: the host's, a free block of ids (the default on the host's root), or this block.",
            valueName: "host|auto|uid:gid:size"))
    var userns: String?
    @Option(help: .init("A capability more, or ALL; repeatable.", valueName: "capability"))
    var capAdd: [String] = []
    @Option(help: .init("A capability less, or ALL; repeatable.", valueName: "capability"))
    var capDrop: [String] = []
    @Option(
        name: .customLong("security-opt"),
        help: .init(
            "seccomp=FILE|unconfined, no-new-privileges[=false], apparmor=PROFILE, label=CONTEXT; repeatable.",
            valueName: "option"))
    var securityOpts: [String] = []
    @Flag(help: "All capabilities and devices, no filter, no masks, no user namespace: as good as no box.")
    var privileged = false

    func fill(_ options: inout RunOptions) {
        options.userns = userns
        options.capAdd = capAdd
        options.capDrop = capDrop
        options.securityOpts = securityOpts
        options.privileged = privileged
    }
}
