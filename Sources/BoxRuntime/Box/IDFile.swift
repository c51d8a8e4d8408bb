internal import BoxOCI
internal import BoxSystem

/// A file that tells the caller the id of a box or the pid of its init process.
struct IDFile {
    let path: String

    /// The file must not be there yet: an id that is kept is not overwritten.
    static func create(_ path: String, _ text: String, field: String) throws(BoxError) -> IDFile {
        try write(path, text, field, flags: FileFlags.exclusive)
        return IDFile(path: path)
    }

    static func replace(_ path: String, _ text: String, field: String) throws(BoxError) -> IDFile {
        try write(path, text, field, flags: FileFlags.truncate | FileFlags.noFollow)
        return IDFile(path: path)
    }

    private static func write(_ path: String, _ text: String, _ field: String, flags: CInt) throws(BoxError) {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .fileExists ? .alreadyExists : .kernel, "cannot write \(path)", field: field, errno: errno,
                remedy: errno == .fileExists ? "remove it, or name another file" : nil)
        }
        try explaining(failure) { () throws(Errno) in
            let file = try File.open(path, FileFlags.create | FileFlags.writeOnly | flags, mode: 0o644)
            try File.write(Array(text.utf8), to: file.raw)
            try file.close()
        }
    }

    func remove() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot remove \(path)", errno: $0) }) { () throws(Errno) in
            try File.remove(path)
        }
    }
}
