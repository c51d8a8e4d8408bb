internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// Makes the root of a box, or of an image, this process's own: from then on every path is one of that root, whatever
/// links stand there. From a process with one thread, which does nothing else afterwards.
enum ArchiveRoot {
    /// `.notFound` when there is no such directory.
    static func enter(directory: String) throws(BoxError) {
        try explaining({
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot enter \(directory)", errno: $0)
        }) {
            () throws(Errno) in
            try OwnProcess.changeDirectory(directory)
            try OwnProcess.changeRoot()
        }
    }

    /// Of a box that runs: its mounts and its ids.
    static func enter(box id: String, stateRoot: String) throws(BoxError) {
        let state = try Boxes.state(of: id, in: stateRoot)
        guard let process = try Boxes.process(of: state) else {
            throw BoxError(.invalidState, "the box \(id) does not run")
        }
        try explaining({ BoxError(.kernel, "cannot enter the box \(id)", errno: $0) }) { () throws(Errno) in
            // Processes of the box must not look into this one.
            try OwnProcess.becomeUndumpable()
            let root = try File.open("/proc/\(state.pid)/root", FileFlags.path | FileFlags.directory)
            let own = try File.readLink("/proc/self/ns/user")
            let sharesUsers = try File.readLink("/proc/\(state.pid)/ns/user") == own
            try (sharesUsers ? Namespaces.mount : [.user, .mount]).join(process.raw)
            try OwnProcess.changeDirectory(root.raw)
            try OwnProcess.changeRoot()
            if sharesUsers { return }
            try OwnProcess.setGroups([])
            try OwnProcess.setGroup(0)
            try OwnProcess.setUser(0)
        }
    }

    /// Of a box that does not run: its layers, mounted where nobody else sees them.
    static func enter(stopped config: String) throws(BoxError) {
        let spec = try ConfigFile.read(config)
        guard let source = spec.box.rootfs, case .layers(let layers) = source.base else {
            throw BoxError(
                .unsupported, "the files of a box on the host's root can be reached only while it runs",
                remedy: "start it first")
        }
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot mount the layers of the box", errno: $0) }
        try explaining(failure) { () throws(Errno) in
            try Namespaces.mount.unshare()
            try Mounts.changePropagation("/", .private, recursive: true)
        }
        guard let upper = source.upper else {
            if layers.count > 1 {
                throw BoxError(
                    .unsupported, "the layers of a box without an upper directory can be reached only while it runs")
            }
            return try enter(directory: layers[0])
        }
        let work = upper + ".work"
        let isNew = !File.exists(work)
        try explaining(failure) { () throws(Errno) in
            if isNew { try File.makeDirectory(work, mode: 0o700) }
            let options =
                "lowerdir=" + layers.map(escaped).joined(separator: ":") + ",upperdir=\(escaped(upper))"
                + ",workdir=\(escaped(work))"
            try OwnProcess.changeDirectory(layers[0])
            try Mounts.mountHere("overlay", source: "overlay", flags: 0, data: options)
        }
        try enter(directory: layers[0])
    }

    /// overlayfs takes a colon and a comma for ends.
    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if ":,\\".contains(character) { text += "\\" }
            text.append(character)
        }
    }
}
