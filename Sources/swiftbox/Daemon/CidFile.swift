internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// `--cidfile FILE`: there before the box is, so that no box is made that its caller cannot find.
final class CidFile {
    private let path: String
    private var descriptor: CInt = -1

    /// - Throws: naming the flag, where there is such a file already
    init(_ path: String?, _ context: SpecContext) throws(BoxError) {
        self.path = path.map(context.absolute) ?? ""
        if path == nil { return }
        try explaining(failure) { () throws(Errno) in
            descriptor = try File.open(
                self.path, FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow,
                mode: 0o644
            ).release()
        }
    }

    private func failure(_ errno: Errno) -> BoxError {
        BoxError(.kernel, "--cidfile \(path): cannot be written", field: "--cidfile", errno: errno)
    }

    /// Once; what comes later is nothing new.
    ///
    /// - Throws: naming the box, which is there all the same
    func fill(_ id: String) throws(BoxError) {
        if descriptor < 0 { return }
        let file = Descriptor(owning: descriptor)
        descriptor = -1
        do throws(Errno) {
            try File.write(Array(id.utf8), to: file.raw)
        } catch {
            var named = failure(error)
            try explaining(failure) { () throws(Errno) in try File.remove(path) }
            named.found = "the box \(id) is there"
            named.remedy = "swiftbox rm --force \(id.prefix(12))"
            throw named
        }
    }

    /// The error that kept a box from being made: without one, there is no file.
    func discarded(_ error: BoxError) throws(BoxError) -> BoxError {
        if descriptor < 0 { return error }
        _ = Descriptor(owning: descriptor)
        descriptor = -1
        try explaining(failure) { () throws(Errno) in try File.remove(path) }
        return error
    }
}
