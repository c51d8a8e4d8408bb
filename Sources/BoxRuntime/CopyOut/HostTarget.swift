internal import BoxOCI
internal import BoxSystem

/// Where on the host a copy goes. Its directory is opened before the box starts: a box that can write there by a volume
/// cannot put a link in the way.
final class HostTarget {
    let copy: CopyOut
    private let parent: CInt
    private let name: String

    /// Refuses a directory that is not there, before anything is made.
    init(_ copy: CopyOut, index: Int) throws(BoxError) {
        self.copy = copy
        let isDirectory = copy.to.hasSuffix("/")
        let (parent, name) = isDirectory ? (copy.to, "") : File.split(copy.to)
        self.name = name
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot copy to \(copy.to)",
                field: "swiftbox.copyOut[\(index)]", errno: errno,
                remedy: errno == .noSuchFileOrDirectory ? "make the directory \(parent) first" : nil)
        }
        self.parent = try explaining(failure) { () throws(Errno) in
            try File.open(parent, FileFlags.path | FileFlags.directory).release()
        }
    }

    deinit { _ = Descriptor(owning: parent) }

    /// The directory for a copy; into one that is there, as cp(1) has it. A link there is replaced, never followed.
    func directory() throws(Errno) -> Descriptor {
        try File.open(
            isInto() ? name : ".", FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, at: parent)
    }

    /// The name of a copy of `source` in that directory.
    func name(for source: String) throws(Errno) -> String {
        let own = source.split(separator: "/").last.map(String.init) ?? source
        if name.isEmpty { return own }
        return try isInto() ? own : name
    }

    private func isInto() throws(Errno) -> Bool {
        if name.isEmpty || !File.exists(name, at: parent) { return false }
        return try File.status(name, at: parent).kind == .directory
    }
}
