internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// `checkpoint`: the processes of a box as files, by criu.
public enum Checkpointing {
    /// When it returns, the images are whole; and the box has been removed, unless it was to go on. `.invalidState` unless
    /// it runs or is paused, `.unsupported` without criu. After a failure the box goes on as it was.
    public static func checkpoint(_ request: CheckpointRequest, warn: (String) -> Void) throws(BoxError) {
        try refuseOrdinaryUser()
        _ = try CriuService.find()
        let directory = try StateDirectory.occupy(request.stateRoot + "/" + request.id)
        let state = try Boxes.state(of: request.id, in: request.stateRoot)
        if state.status != .running && state.status != .paused {
            throw BoxError(
                .invalidState, "cannot checkpoint the container \(request.id): it is \(state.status.rawValue)")
        }
        let spec = try Boxes.spec(of: request.id, in: request.stateRoot)
        try CheckpointLimits.check(spec)
        try write(request, state, spec)
        if request.leaveRunning || request.preDump { return }
        try Deletion.end(state)
        if !state.isDetached {
            directory.letGo()
            return try awaitRuntime(request, warn)
        }
        for problem in Deletion.remove(state, directory, spec) { warn(problem.oneLine) }
    }

    /// The runtime that is with the box clears it up, and may have done so already.
    private static func awaitRuntime(_ request: CheckpointRequest, _ warn: (String) -> Void) throws(BoxError) {
        do throws(BoxError) {
            try Deletion.delete(id: request.id, stateRoot: request.stateRoot, force: true, warn: warn)
        } catch {
            if error.kind != .notFound { throw error }
        }
    }

    private static func write(_ request: CheckpointRequest, _ state: RuntimeState, _ spec: Spec) throws(BoxError) {
        let log = request.preDump ? "pre-dump.log" : "dump.log"
        let images = try CheckpointImages(making: request.options.images)
        let work = try images.openWork(request.options.work, log: log)
        var options = request.options.message(images: images.directory.raw, work: work.raw, log: log)
        add(request, to: &options)
        let externals = try External(state, spec, root: request.stateRoot)
        externals.add(to: &options)
        options.add(2, Int(state.pid))
        if let cgroup = state.cgroup, let mountPoint = try CgroupHost.probe().mountPoint {
            options.add(25, cgroupRoot(cgroup))
            options.add(44, mountPoint + cgroup)
        }
        try images.write(descriptors: externals.streams)
        let passing = [images.directory.raw, work.raw] + (request.statusDescriptor.map { [$0] } ?? [])
        let criu = try CriuService.start(passing: passing)
        let answer = try criu.request(request.preDump ? .preDump : .dump, options)
        try criu.end()
        if answer.succeeded { return }
        try thaw(state, request)
        throw CriuFailure.explain(
            answer, "checkpoint the container \(state.id)", work: work.raw,
            log: (log, (request.options.work ?? images.path) + "/" + log))
    }

    /// Paths of cgroups in the images are relative to this one: the box may get another.
    static func cgroupRoot(_ path: String) -> WireMessage {
        var root = WireMessage()
        root.add(2, path)
        return root
    }

    private static func add(_ request: CheckpointRequest, to options: inout WireMessage) {
        options.add(3, request.leaveRunning || request.preDump)
        options.add(14, request.parent)
        options.add(15, request.preDump || request.parent != nil)
        if let server = request.pageServer {
            var message = WireMessage()
            message.add(1, server.address)
            message.add(2, Int(server.port))
            options.add(11, message)
        }
        if let descriptor = request.statusDescriptor { options.add(49, Int(descriptor)) }
    }

    /// A criu that gives up may leave the box frozen.
    private static func thaw(_ before: RuntimeState, _ request: CheckpointRequest) throws(BoxError) {
        if before.status == .paused { return }
        let now = try ControlledBox(request.id, in: request.stateRoot)
        if now.state.status != .paused { return }
        let cgroup = try now.openCgroup(for: "resume")
        try Cgroup.thaw(cgroup.raw)
    }

    /// What of a box lies outside of it.
    private struct External {
        /// The standard streams, as `descriptors.json` has them.
        var streams: [String] = []
        private var files: [String] = []
        private var mounts: [(point: String, name: String)] = []
        private var namespaces: [String] = []

        init(_ state: RuntimeState, _ spec: Spec, root: String) throws(BoxError) {
            let process = "/proc/\(state.pid)"
            let host = try HostFacts.probe(for: spec, bundle: state.bundle, tryingIDMaps: false)
            let plan = try Compiler.compile(
                spec, at: BoxPlace(id: state.id, bundle: state.bundle, stateRoot: root), host: host)
            let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot look into the box", errno: $0) }
            let (table, boxRoot) = try explaining(failure) { () throws(Errno) in
                (
                    try MountTable.of(pid: state.pid),
                    try File.open(process + "/root", FileFlags.path | FileFlags.directory).release()
                )
            }
            let held = Descriptor(owning: boxRoot)
            mounts = try ExternalMounts.names(of: table, ExternalMounts.destinations(of: plan), in: held.raw)
            try explaining(failure) { () throws(Errno) in
                for number in 0...2 { try addStream(number, process, Set(table.map(\.number))) }
                for (kind, file, name) in CheckpointLimits.externalNamespaces
                where spec.linux.namespace(kind)?.path != nil {
                    let inode = try File.status("\(process)/ns/\(file)", follow: true).inode
                    namespaces.append("\(file)[\(inode)]:\(name)")
                }
            }
        }

        /// Milliseconds from one look at a stream to the next, and how many looks there are.
        private static let (pause, looks): (CInt, Int) = (5, 20)

        /// A pipe is known by its number; a file that is on no mount of the box by its mount and inode. A shell has a file of
        /// the box in a stream's place for the time of one command: what lasts is looked for.
        private mutating func addStream(_ number: Int, _ process: String, _ own: Set<UInt64>) throws(Errno) {
            var name = ""
            for look in 1...Self.looks {
                name = try Self.stream(number, process, own)
                if !name.hasPrefix("/") || look == Self.looks { break }
                var nothing: [Poll.Entry] = []
                try Poll.wait(&nothing, milliseconds: Self.pause)
            }
            if name.hasPrefix("file["), !files.contains(name) { files.append(name) }
            streams.append(name)
        }

        /// A path is that of a file of the box; nothing, that the stream is closed.
        private static func stream(_ number: Int, _ process: String, _ own: Set<UInt64>) throws(Errno) -> String {
            var link = ""
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                link = try File.readLink("\(process)/fd/\(number)")
                let words = try File.text(of: "\(process)/fdinfo/\(number)").split { $0.isWhitespace }
                let mount = words.firstIndex(of: "mnt_id:").flatMap { UInt64(words[$0 + 1]) }
                guard link.hasPrefix("/"), let mount, !own.contains(mount) else { return }
                let inode = try File.status("\(process)/fd/\(number)", follow: true).inode
                link = "file[\(String(mount, radix: 16)):\(String(inode, radix: 16))]"
            }
            return link
        }

        func add(to options: inout WireMessage) {
            for mount in mounts {
                var message = WireMessage()
                message.add(1, mount.point)
                message.add(2, mount.name)
                options.add(23, message)
            }
            for name in files + namespaces { options.add(37, name) }
        }
    }
}

/// What of a spec criu cannot take along.
enum CheckpointLimits {
    /// Those that are joined by their path stay where they are: their file in /proc/PID/ns, and criu's name for each.
    static let externalNamespaces: [(kind: Namespace.Kind, file: String, name: String)] = [
        (.network, "net", "extRootNetNS"), (.pid, "pid", "extRootPidNS"),
    ]

    static func check(_ spec: Spec) throws(BoxError) {
        for (index, namespace) in spec.linux.namespaces.enumerated() {
            if namespace.path == nil || [.network, .pid, .ipc, .uts, .user].contains(namespace.type) { continue }
            throw BoxError(
                .unsupported, "criu cannot put a box into an existing \(namespace.type.rawValue) namespace",
                field: "linux.namespaces[\(index)].path")
        }
        if !spec.linux.netDevices.isEmpty {
            throw BoxError(
                .unsupported, "a box with network devices of the host can be neither checkpointed nor restored",
                field: "linux.netDevices")
        }
    }
}
