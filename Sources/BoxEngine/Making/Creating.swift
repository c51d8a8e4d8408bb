internal import BoxDocument
internal import BoxOCI
internal import BoxRootfs
internal import BoxSpec
internal import BoxSystem
internal import Logging

extension BoxEngine {
    /// Keeps what was asked for; nothing runs yet. Everything that can be refused now is refused now.
    ///
    /// - Parameter name: nil for a name that is made up
    public func create(_ wanted: WantedBox, name: String?) async throws -> (id: String, warnings: [String]) {
        let (box, _, warnings) = try make(wanted, name: name)
        return (box.id, warnings)
    }

    /// The same, with the spec that its first run would have.
    ///
    /// - Parameter isStarted: it starts at once, and is recorded then
    func make(
        _ wanted: WantedBox, name: String?, isStarted: Bool = false
    ) throws -> (Box, Spec, warnings: [String]) {
        var wanted = wanted
        if wanted.options.interactive { wanted.openStdin = true }
        for text in wanted.options.labels {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            wanted.labels[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
        }
        let resolved = try resolve(wanted)
        if let image = images.view(resolved.imageID) {
            wanted.labels = image.config.labels.merging(wanted.labels) { $1 }
        }
        let chosen = try freeName(name ?? wanted.options.name)
        let ready = isStarted ? takePrepared(BoxKind(resolved, wanted)) : nil
        let id = if let ready { ready.id } else { try BoxNames.newID() }
        let box = Box(id: id, name: chosen, created: Moment.now, wanted: wanted, resolved: resolved)
        if let ready { box.hold(ready.monitor, prepared: ready.spec) }
        let spec: Spec
        do {
            if ready == nil { try makeFolder(box) }
            if let ready {
                spec = try BoxSpec.compile(try options(box), like: ready.spec, context: ready.context)
            } else {
                spec = try compile(box)
            }
            try WholeFile.write(
                Array(BoxFile(box).text.utf8), to: "\(places.box(id))/\(BoxFile.name)", synced: !wanted.autoRemove)
            // What is removed at its end nobody misses: its folder is enough to find it by.
            if !isStarted || !wanted.autoRemove { try save(box) }
        } catch {
            box.dropWaiting()
            removeFolder(box)
            throw EngineError(error, "make the box \(chosen)")
        }
        boxes[id] = box
        names[chosen] = id
        emit("create", box)
        return (box, spec, [])
    }

    func makeFolder(_ box: Box) throws(Errno) {
        try File.makeDirectory(places.box(box.id), mode: 0o700)
        if keepsChanges(box) { try File.makeDirectory(places.upper(box.id), mode: 0o755) }
    }

    private func freeName(_ wanted: String?) throws(EngineError) -> String {
        guard let wanted, !wanted.isEmpty else { return BoxNames.newName { names[$0] != nil } }
        let name = wanted.hasPrefix("/") ? String(wanted.dropFirst()) : wanted
        do throws(BoxError) {
            try BoxName.check(name, field: "--name")
        } catch {
            throw EngineError(error)
        }
        if let other = names[name] {
            throw EngineError(
                .conflict, "the container name \"/\(name)\" is already in use by container \"\(other)\"")
        }
        return name
    }

    /// Whether the box has a layer of its own that outlives its runs.
    func keepsChanges(_ box: Box) -> Bool {
        !box.resolved.options.readOnly && box.resolved.options.scratchSize == nil
    }

    /// The spec of the next run, as the flags, the image and this host have it.
    func compile(_ box: Box) throws -> Spec {
        let options = try options(box)
        return try compile(box, options, context(box, options))
    }

    /// With what the compiler asked of the host, for who compiles the like once more.
    func compileToKeep(_ box: Box) throws -> (Spec, SpecContext) {
        let options = try options(box)
        let context = try context(box, options)
        return (try compile(box, options, context), context)
    }

    private func compile(_ box: Box, _ options: RunOptions, _ context: SpecContext) throws -> Spec {
        var spec = try BoxSpec.compile(options, context: context)
        // Where links lead by then, only the runtime can tell.
        spec.box.hostPaths = configuration.policy.hostPaths
        if box.resolved.options.rootfs != nil { spec.box.rootfs?.hostPaths = configuration.policy.hostPaths }
        return spec
    }

    private func context(_ box: Box, _ options: RunOptions) throws -> SpecContext {
        var context = try SpecContext.ofHost(id: String(box.id.prefix(12)), options: options)
        context.workingDirectory = "/"
        context.callerEnvironment = [:]
        context.inputIsTerminal = false
        return context
    }

    /// Those of the flags, with what the engine adds.
    private func options(_ box: Box) throws -> RunOptions {
        var options = box.resolved.options
        let imageID = box.resolved.imageID
        if imageID.hasPrefix("sha256:") {
            guard images.view(imageID) != nil else {
                throw EngineError(.notFound, "the image \(imageID) of the box is not there any more")
            }
            options.rootfs = places.image(String(imageID.dropFirst(7))) + "/rootfs"
        }
        if keepsChanges(box) { options.upper = places.upper(box.id) }
        // Counts all there is, for stats and the report; the file itself is the monitor's to write.
        options.report = places.report(box.id)
        options.interactive = box.wanted.openStdin
        return options
    }

    /// All that the box has on the disk.
    func removeFolder(_ box: Box) {
        Folders.removeSoon(box.id, in: places.boxes, logger)
    }

    public func rename(_ ref: String, to name: String) async throws {
        let box = try find(ref)
        await occupy(box)
        defer { box.release() }
        let new = try freeName(name)
        let old = box.name
        box.name = new
        do {
            try EngineError.explaining("write box.json") {
                try WholeFile.write(
                    Array(BoxFile(box).text.utf8), to: "\(places.box(box.id))/\(BoxFile.name)", synced: true)
            }
            try save(box)
        } catch {
            box.name = old
            throw error
        }
        names[old] = nil
        names[new] = box.id
        emit("rename", box, ["oldName": "/" + old])
    }
}

/// Directories of ours with all that is in them.
enum Folders {
    static let leaving = ".removing-"

    /// It is gone under its name at once; what was in it follows, while nobody waits: a box may have made a million files.
    /// What is left of it when the daemon ends meanwhile, the next one removes.
    static func removeSoon(_ name: String, in parent: String, _ logger: Logger) {
        let path = "\(parent)/\(name)"
        if !File.exists(path) { return }
        let hidden = name.hasPrefix(".") ? name : leaving + name
        do throws(Errno) {
            if hidden != name { try File.rename(path, to: "\(parent)/\(hidden)") }
        } catch {
            logger.error("cannot remove a folder", metadata: ["path": "\(path)", "error": "\(error)"])
            return
        }
        Task {
            do {
                try await Blocking.run { try remove(hidden, in: parent) }
            } catch {
                logger.error("cannot remove a folder", metadata: ["path": "\(path)", "error": "\(error)"])
            }
        }
    }

    static func remove(_ name: String, in parent: String) throws {
        if !File.exists("\(parent)/\(name)") { return }
        let directory = try File.open(parent, FileFlags.readOnly | FileFlags.directory)
        do throws(Errno) {
            try DirectoryTree.remove(name, in: directory.raw, depth: 200)
        } catch {
            // Names that are no text, or very deep: what is left is for a program that does not care.
            let pid = try Children.shared.spawn(
                "/bin/rm", ["-rf", "--one-file-system", "--", "\(parent)/\(name)"], descriptors: [nil, nil, 2],
                left: true)
            if pid <= 0 { throw error }
        }
    }
}
