internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Writes what differs between a box's root and what it was made of, as docker's `changes` does: a JSON list, a directory
/// in front of what lies in it, and for every difference the directories above it too.
///
/// Reads the upper layer as overlayfs does (Documentation/filesystems/overlayfs: whiteouts, opaque and redirected
/// directories), for a second overlay cannot have it among its lower layers where one of them holds it. All work is done
/// on descriptors and names of one part. One thread only.
struct ChangeWalk {
    private static let deepest = 256
    private static let mostEntries = 1_000_000

    private enum Kind: Int64 { case modified, added, deleted }

    /// One directory of the box, and the one at the same path of what the box was made of.
    private struct Place {
        /// What the box has written in it, and what shines through from below.
        var upper: OpenDirectory?
        var lower: OpenDirectory?
        var old: OpenDirectory?
        /// `lower` is `old`: what the upper layer has not has not changed.
        var isInPlace = false
    }

    private let root: CInt
    private let output: CInt
    private var text: [UInt8] = []
    private var isFirst = true
    private var entries = 0
    /// Directories above the one at hand that have not been written yet.
    private var untold: [String] = []

    /// `root` is that of what the box was made of; both stay the caller's.
    init(root: CInt, to output: CInt) {
        self.root = root
        self.output = output
    }

    /// `upper` is a directory of ours.
    mutating func run(upper: String) throws(BoxError) {
        let place = try explaining({ BoxError(.kernel, "cannot open \(upper)", errno: $0) }) { () throws(Errno) in
            let old = try OpenDirectory(".", at: root)
            let written = try OpenDirectory(upper, at: FileFlags.currentDirectory)
            return Place(upper: written, lower: old, old: old, isInPlace: true)
        }
        text = [UInt8(ascii: "[")]
        try walk(place, "", depth: 0)
        text += Array("]\n".utf8)
        try flush()
    }

    private mutating func walk(_ place: Place, _ path: String, depth: Int) throws(BoxError) {
        if depth > Self.deepest {
            throw BoxError(
                .unsupported, "\(JSON.quoted(String(path.suffix(80)))) lies more than \(Self.deepest) levels deep")
        }
        let failure: (Errno) -> BoxError = {
            if $0 == .illegalByteSequence {
                return BoxError(.unsupported, "a name in \(JSON.quoted(path + "/")) is not UTF-8")
            }
            return BoxError(.kernel, "cannot compare \(JSON.quoted(path + "/"))", errno: $0)
        }
        for name in try explaining(failure, { () throws(Errno) in try Self.names(place) }) {
            entries += 1
            if entries > Self.mostEntries {
                throw BoxError(.unsupported, "the box has changed more than \(Self.mostEntries) files")
            }
            try compare(name, place, "\(path)/\(name)", depth)
        }
    }

    private mutating func compare(_ name: String, _ place: Place, _ path: String, _ depth: Int) throws(BoxError) {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot compare \(JSON.quoted(path))", errno: $0) }
        let (upper, below, old) = try explaining(failure) { () throws(Errno) in
            let upper = try Self.status(name, place.upper)
            return (upper, upper == nil ? try Self.status(name, place.lower) : nil, try Self.status(name, place.old))
        }
        guard let new = upper.map({ $0.isWhiteout ? nil : $0 }) ?? below else {
            return old == nil ? () : try tell(path, .deleted)
        }
        if isUnchanged(new, old) { untold.append(path) } else { try tell(path, old == nil ? .added : .modified) }
        if new.kind == .directory {
            let inside = try explaining(failure) { () throws(Errno) in
                try descend(name, place, isWritten: upper != nil, wasDirectory: old?.kind == .directory)
            }
            if let inside { try walk(inside, path, depth: depth + 1) }
        }
        if untold.last == path { untold.removeLast() }
    }

    /// What is no directory and lies in the upper layer was written to, or had its attributes set. Times prove nothing: a
    /// box sets them as it likes.
    private func isUnchanged(_ new: FileStatus, _ old: FileStatus?) -> Bool {
        guard let old, old.kind == .directory, new.kind == .directory else { return false }
        return (old.mode, old.uid, old.gid) == (new.mode, new.uid, new.gid)
    }

    /// nil for what is not there any more, or no directory by now.
    private func descend(
        _ name: String, _ place: Place, isWritten: Bool, wasDirectory: Bool
    ) throws(Errno) -> Place? {
        do throws(Errno) {
            var inside = Place()
            if wasDirectory, let old = place.old { inside.old = try OpenDirectory(name, at: old.raw) }
            guard isWritten, let above = place.upper else {
                if let lower = place.lower { inside.lower = try OpenDirectory(name, at: lower.raw) }
                return inside
            }
            let upper = try OpenDirectory(name, at: above.raw)
            inside.upper = upper
            if try File.attribute("trusted.overlay.opaque", of: upper.raw) == [UInt8(ascii: "y")] { return inside }
            if let redirect = try File.attribute("trusted.overlay.redirect", of: upper.raw) {
                inside.lower = try redirected(String(decoding: redirect, as: UTF8.self), place.lower)
            } else if try Self.status(name, place.lower)?.kind == .directory, let lower = place.lower {
                inside.lower = try OpenDirectory(name, at: lower.raw)
                inside.isInPlace = place.isInPlace
            }
            return inside
        } catch {
            if [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error) { return nil }
            throw error
        }
    }

    /// Where a directory was before it was renamed: a name beside it, or a path from the root.
    private func redirected(_ path: String, _ lower: OpenDirectory?) throws(Errno) -> OpenDirectory? {
        if path.hasPrefix("/") { return try OpenDirectory(path: path, below: root) }
        if path.contains("/") || path == ".." { throw .invalidArgument }
        guard let lower else { return nil }
        return try OpenDirectory(path, at: lower.raw)
    }

    private static func names(_ place: Place) throws(Errno) -> [String] {
        if place.isInPlace, let upper = place.upper { return try File.list(upper.raw, limit: mostEntries).sorted() }
        var names: Set<String> = []
        for directory in [place.upper, place.lower, place.old].compactMap({ $0 }) {
            names.formUnion(try File.list(directory.raw, limit: mostEntries))
        }
        return names.sorted()
    }

    private static func status(_ name: String, _ directory: OpenDirectory?) throws(Errno) -> FileStatus? {
        guard let directory else { return nil }
        do throws(Errno) {
            return try File.status(name, at: directory.raw)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    // MARK: Writing

    private mutating func tell(_ path: String, _ kind: Kind) throws(BoxError) {
        for above in untold { try write(above, .modified) }
        untold = []
        try write(path, kind)
    }

    private mutating func write(_ path: String, _ kind: Kind) throws(BoxError) {
        if !isFirst { text.append(UInt8(ascii: ",")) }
        isFirst = false
        let members = [Member("Path", Node(.string(path))), Member("Kind", Node(.integer(kind.rawValue)))]
        text += JSON.write(Node(.object(members)))
        // What fails before the first bytes are out can still be told by a status.
        if text.count > 1 << 20 { try flush() }
    }

    private mutating func flush() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write the list", errno: $0) }) { () throws(Errno) in
            try File.write(text, to: output)
        }
        text = []
    }
}

extension FileStatus {
    /// What overlayfs puts in the place of what was removed.
    fileprivate var isWhiteout: Bool { kind == .character && represents == DeviceNumber(major: 0, minor: 0) }
}
