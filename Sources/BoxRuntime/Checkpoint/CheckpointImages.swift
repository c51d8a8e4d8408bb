internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// The directory of a checkpoint's images: criu's files, and `descriptors.json` as runc has it. Whoever made the files may
/// be hostile: no name in it is followed as a link, and what is read is bounded.
struct CheckpointImages: ~Copyable {
    let directory: Descriptor
    let path: String

    /// One that there is.
    init(at path: String) throws(BoxError) {
        self.path = path
        directory = try Self.open(path, "--image-path")
    }

    /// Made where it is missing, for root alone: memory of a box has secrets.
    init(making path: String) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot make \(path)", field: "--image-path", errno: $0) }) {
            () throws(Errno) in
            try File.makeDirectories(File.split(path).parent)
            try tolerating(.fileExists) { () throws(Errno) in try File.makeDirectory(path, mode: 0o700) }
        }
        try self.init(at: path)
    }

    private static func open(_ path: String, _ flag: String) throws(BoxError) -> Descriptor {
        try explaining({ errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot open the directory \(path)", field: flag,
                errno: errno)
        }) { () throws(Errno) in try File.open(path, FileFlags.readOnly | FileFlags.directory) }
    }

    /// The directory for criu's log, without a file or link of the log's name, nor of that of criu's figures: criu would
    /// write through it.
    func openWork(_ work: String?, log: String) throws(BoxError) -> Descriptor {
        let work = work ?? path
        if work != path {
            try explaining({ BoxError(.kernel, "cannot make \(work)", field: "--work-path", errno: $0) }) {
                () throws(Errno) in try File.makeDirectories(work)
            }
        }
        let opened = try Self.open(work, "--work-path")
        let remedy = "name a directory for criu's log with --work-path"
        try explaining({ BoxError(.kernel, "cannot clear \(work) of \(log)", errno: $0, remedy: remedy) }) {
            () throws(Errno) in
            for name in [log, "stats-dump", "stats-restore"] {
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    try File.remove(name, at: opened.raw)
                }
            }
        }
        return opened
    }

    /// In another mount namespace: the same directory as seen from there, under the same number.
    func openAgain() throws(BoxError) { try Self.openAgain(path, as: directory.raw) }

    static func openAgain(_ path: String, as number: CInt) throws(BoxError) {
        let opened = try open(path, "--image-path")
        try explaining({ BoxError(.kernel, "cannot open the directory \(path)", errno: $0) }) { () throws(Errno) in
            try OwnProcess.installPrivately(opened.raw, as: number)
        }
    }

    // MARK: Standard streams

    private static let descriptors = "descriptors.json"

    /// What the standard streams were, by which criu knows them again.
    func write(descriptors: [String]) throws(BoxError) {
        let text = JSON.write(Node(.array(descriptors.map { Node(.string($0)) })))
        try explaining({ BoxError(.kernel, "cannot write \(path)/\(Self.descriptors)", errno: $0) }) {
            () throws(Errno) in
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                try File.remove(Self.descriptors, at: directory.raw)
            }
            let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly
            let file = try File.open(Self.descriptors, flags, mode: 0o600, at: directory.raw)
            try File.write(text, to: file.raw)
        }
    }

    /// Empty where nobody wrote them down.
    func readDescriptors() throws(BoxError) -> [String] {
        guard let text = try read(Self.descriptors) else { return [] }
        do throws(DocumentError) {
            guard case .array(let nodes) = try JSON.parse(text).value else { return [] }
            return nodes.map { if case .string(let text) = $0.value { text } else { "" } }
        } catch {
            throw BoxError(.invalidSpec, "\(path)/\(Self.descriptors): \(error)", field: "--image-path")
        }
    }

    // MARK: criu's images

    /// A mount of the box, as criu will make it (mnt_entry of criu's mnt.proto).
    struct Mount: Equatable {
        /// Absolute, without a link in it: the kernel's own name for the place.
        var point: String
        /// The name that the checkpoint gave to what the restorer has to bring.
        var source: String?
        /// It lies on the root file system itself, not on another mount.
        var isOnRoot: Bool
    }

    /// Of all mount namespaces of the box.
    func mounts() throws(BoxError) -> [Mount] {
        var all: [Mount] = []
        for name in try list() where name.hasPrefix("mountpoints-") && name.hasSuffix(".img") {
            let entries = try messages(in: name)
            let root = entries.first { Self.point(of: $0) == "/" }?.number(2)
            for entry in entries {
                let point = Self.point(of: entry)
                if point.split(separator: "/").contains("..") {
                    throw BoxError(.invalidSpec, "\(path)/\(name) has a mount at \(point)", field: "--image-path")
                }
                let source = entry.text(18).flatMap { $0.isEmpty ? nil : $0 }
                all.append(Mount(point: point, source: source, isOnRoot: entry.number(4) == root))
            }
        }
        return all
    }

    private static func point(of entry: WireMessage) -> String {
        "/" + (entry.text(7) ?? "").split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// The signal that the kernel sends to the box's init process when its parent ends; 0 is none.
    func parentDeathSignal() throws(BoxError) -> Int {
        guard let root = try messages(in: "pstree.img").first?.number(1) else { return 0 }
        return try messages(in: "core-\(root).img").first?.message(5)?.number(8) ?? 0
    }

    private func list() throws(BoxError) -> [String] {
        try explaining({ BoxError(.kernel, "cannot read \(path)", field: "--image-path", errno: $0) }) {
            () throws(Errno) in try File.list(directory.raw)
        }
    }

    /// nil when there is none of this name.
    private func read(_ name: String) throws(BoxError) -> [UInt8]? {
        try explaining({ BoxError(.kernel, "cannot read \(path)/\(name)", field: "--image-path", errno: $0) }) {
            () throws(Errno) in
            if !File.exists(name, at: directory.raw) { return nil }
            let file = try File.open(
                name, FileFlags.readOnly | FileFlags.nonBlocking, below: directory.raw, [.beneath, .noSymlinks])
            return try File.readAll(file.raw)
        }
    }

    private func messages(in name: String) throws(BoxError) -> [WireMessage] {
        guard let text = try read(name) else {
            throw BoxError(
                .notFound, "\(path) is no checkpoint of a box", field: "--image-path", found: "it has no \(name)")
        }
        if let messages = CriuImage.messages(in: text) { return messages }
        throw BoxError(
            .invalidSpec, "\(path)/\(name) is no image of criu's, or one of another version", field: "--image-path")
    }
}

/// A file of criu's.
package enum CriuImage {
    /// Two magic numbers, then the messages, each behind its length; all of four bytes, the lowest first. nil when the bytes
    /// are none.
    package static func messages(in text: [UInt8]) -> [WireMessage]? {
        guard text.count >= 8, number(text[..<4]) == 0x5456_4319 else { return nil }
        var rest = text[8...]
        var messages: [WireMessage] = []
        while !rest.isEmpty {
            let count = number(rest.prefix(4))
            guard rest.count - 4 >= count, let message = WireMessage(rest.dropFirst(4).prefix(count)) else {
                return nil
            }
            messages.append(message)
            rest = rest.dropFirst(4 + count)
        }
        return messages
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
