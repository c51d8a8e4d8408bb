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

    /// Of a box that does not run: its layers, put together where nobody else sees them.
    static func enter(stopped config: String, staging: String, writing: Bool) throws(BoxError) {
        let layers = try BoxLayers(config: config, staging: staging)
        try BoxLayers.unshare()
        let root = try writing ? layers.writable() : layers.view()
        try explaining({ BoxError(.kernel, "cannot enter the layers of the box", errno: $0) }) { () throws(Errno) in
            try OwnProcess.changeDirectory(root.raw)
            try OwnProcess.changeRoot()
        }
    }
}
