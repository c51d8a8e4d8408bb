internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// `--copy-out`: after the end of a box, however it ended, and before its root file system goes.
struct CopyingOut {
    /// What became of one request.
    struct Outcome {
        var copy: CopyOut
        var bytes: UInt64 = 0
        var entries = 0
        var skipped: [String] = []
        var error: BoxError?
    }

    private let targets: [HostTarget]
    private let spec: Spec
    static let defaultLimit: UInt64 = 1 << 30

    /// Opens the host's side; refuses what is not there.
    init(_ spec: Spec) throws(BoxError) {
        self.spec = spec
        var targets: [HostTarget] = []
        for (index, copy) in spec.box.copyOut.enumerated() { targets.append(try HostTarget(copy, index: index)) }
        self.targets = targets
    }

    /// Fetches everything; one that fails does not keep the others. `root` is the box's root file system with its mounts.
    func fetch(from root: CInt, id: String) -> [Outcome] {
        var left = spec.box.copyOutLimit ?? Self.defaultLimit
        var outcomes: [Outcome] = []
        for (index, target) in targets.enumerated() {
            var tree = TreeCopy(
                owners: .init(users: spec.linux.uidMappings, groups: spec.linux.gidMappings), limit: left)
            var outcome = Outcome(copy: target.copy)
            do throws(Errno) {
                try fetch(target, from: root, temporary: ".\(id)-\(index).swiftbox", &tree)
            } catch {
                outcome.error = failure(target.copy, index, error)
            }
            left -= min(left, tree.bytes)
            outcome.bytes = tree.bytes
            outcome.entries = tree.entries
            outcome.skipped = tree.skipped
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// Under a hidden name first: what is there already is replaced by a whole copy or not at all.
    private func fetch(
        _ target: HostTarget, from root: CInt, temporary: String, _ tree: inout TreeCopy
    ) throws(Errno) {
        let from = target.copy.from
        let source = try RootedPath.open(from, in: root)
        let name = try target.name(for: from)
        let directory = try target.directory()
        do throws(Errno) {
            try tree.copy(source.raw, named: from, to: temporary, in: directory.raw)
            if !File.exists(temporary, at: directory.raw) { throw .notSupported }
            try replace(name, by: temporary, in: directory.raw)
        } catch {
            try remove(temporary, in: directory.raw)
            throw error
        }
        try directory.close()
        try source.close()
    }

    private func replace(_ name: String, by temporary: String, in directory: CInt) throws(Errno) {
        if !File.exists(name, at: directory) { return try File.rename(temporary, to: name, at: directory) }
        try File.exchange(temporary, name, at: directory)
        try remove(temporary, in: directory)
    }

    private func remove(_ name: String, in directory: CInt) throws(Errno) {
        if File.exists(name, at: directory) {
            try DirectoryTree.remove(name, in: directory, depth: TreeCopy.maxDepth + 1)
        }
    }

    private func failure(_ copy: CopyOut, _ index: Int, _ errno: Errno) -> BoxError {
        var error = BoxError(
            errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot copy \(copy.from) out of the box",
            field: "swiftbox.copyOut[\(index)]", errno: errno)
        switch errno {
        case .fileTooLarge:
            error.errno = nil
            error.found = "it is larger than \(spec.box.copyOutLimit ?? Self.defaultLimit) bytes"
            error.remedy = "a larger --copy-out-limit"
        case .argListTooLong:
            error.errno = nil
            error.found = "it has more than \(TreeCopy.maxEntries) files"
        case .tooManySymbolicLinkLevels:
            error.found = "a loop of links, or directories deeper than \(TreeCopy.maxDepth)"
        case .notSupported: error.found = "it is no file, directory or link of the box's own"
        default: break
        }
        return error
    }
}
