internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// `<root>/<id>/`: a box's name on this host, its `state.json`, and a lock that lives as long as its monitor.
///
/// The directory is made under a hidden name, locked, filled and then renamed, so that an id is taken and a box is
/// recognised as alive in one step. One thread only.
public final class StateDirectory {
    /// `<root>/<id>`, absolute.
    public let path: String
    private let lock: CInt
    /// Of one that was occupied: the file that keeps other operations out.
    private var operation: CInt?
    private static let file = "state.json"
    private static let specFile = "config.json"
    /// Where the init process of a created box waits for `start`.
    static let startSocket = "start.sock"
    private static let hiddenPrefix = ".new-"

    private init(path: String, lock: CInt) {
        self.path = path
        self.lock = lock
    }

    deinit {
        _ = Descriptor(owning: lock)
        if let operation { _ = Descriptor(owning: operation) }
    }

    /// Takes the id; `.alreadyExists` when another box has it. `spec` is what the box is made from, as JSON, for later calls.
    public static func make(_ path: String, state: RuntimeState, spec: [UInt8]) throws(BoxError) -> StateDirectory {
        let (root, id) = File.split(path)
        let failure: (Errno) -> BoxError = { errno in
            errno == .directoryNotEmpty || errno == .fileExists
                ? BoxError(.alreadyExists, "the id \(id) is in use", remedy: "choose another with --name")
                : BoxError(.kernel, "cannot make the state directory \(path)", errno: errno)
        }
        let made: StateDirectory = try explaining(failure) { () throws(Errno) in
            try File.makeDirectories(root)
            let hidden = root + "/" + hiddenPrefix + "\(Processes.id)-\(id)"
            let directory = try makeLocked(hidden)
            do throws(Errno) {
                // Nobody sees them before the directory has its name.
                try writeNew(spec, specFile, in: directory.raw)
                try writeNew(state.stored, file, in: directory.raw)
                try File.rename(hidden, to: path)
            } catch let cause {
                do throws(Errno) {
                    try remove(hidden, directory.raw)
                } catch {
                    // It stays for the next sweep; what the caller has to know is why it was not to be.
                    throw cause
                }
                throw cause
            }
            return StateDirectory(path: path, lock: directory.release())
        }
        return made
    }

    /// A sweep may take it for the remains of a killed run before it is locked, and remove it: then once more.
    private static func makeLocked(_ path: String) throws(Errno) -> Descriptor {
        while true {
            try File.makeDirectory(path, mode: 0o700)
            do throws(Errno) {
                let directory = try File.open(path, FileFlags.readOnly | FileFlags.directory)
                try File.lock(directory.raw)
                if try File.isStill(directory.raw, path) { return directory }
            } catch {
                if error != .noSuchFileOrDirectory { throw error }
            }
        }
    }

    /// Removes the directory with all that is in it, behind the descriptor first.
    private static func remove(_ path: String, _ directory: CInt) throws(Errno) {
        for name in try File.list(directory) { try File.remove(name, at: directory) }
        try File.remove(path, directory: true)
    }

    /// Replaces `state.json` by way of a temporary name.
    public func write(_ state: RuntimeState) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write the state of the box", errno: $0) }) { () throws(Errno) in
            try Self.writeFile(state.stored, Self.file, in: lock)
        }
    }

    /// Replaces `config.json` in the same way: the spec of the box as it is now.
    public func write(_ spec: Spec) throws(BoxError) { try write(spec: JSON.write(spec.document)) }

    func write(spec text: [UInt8]) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write the spec of the box", errno: $0) }) { () throws(Errno) in
            try Self.writeFile(text, Self.specFile, in: lock)
        }
    }

    private static func writeFile(_ bytes: [UInt8], _ name: String, in directory: CInt) throws(Errno) {
        try writeNew(bytes, "." + name, in: directory)
        try File.rename("." + name, to: name, at: directory)
    }

    private static func writeNew(_ bytes: [UInt8], _ name: String, in directory: CInt) throws(Errno) {
        let flags = FileFlags.create | FileFlags.writeOnly | FileFlags.truncate | FileFlags.noFollow
        let file = try File.open(name, flags, mode: 0o600, at: directory)
        try File.write(bytes, to: file.raw)
        try file.close()
    }

    /// The directory of a box that has been made, for an operation that must be the only one of its kind: `start`, `delete`,
    /// `update`, `pause`. `.invalidState` while another one is under way, `.notFound` when there is no such box.
    public static func occupy(_ path: String) throws(BoxError) -> StateDirectory {
        let id = File.split(path).name
        let failure: (Errno) -> BoxError = { errno in
            errno == .noSuchFileOrDirectory
                ? Boxes.missing(id) : BoxError(.kernel, "cannot lock the state directory \(path)", errno: errno)
        }
        return try explaining(failure) { () throws(Errno) in
            let directory = try File.open(path, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
            return StateDirectory(path: path, lock: directory.release())
        }.occupied(failure)
    }

    private func occupied(_ failure: (Errno) -> BoxError) throws(BoxError) -> StateDirectory {
        let isOurs = try explaining(failure) { () throws(Errno) in
            let flags = FileFlags.create | FileFlags.readWrite | FileFlags.noFollow
            let file = try File.open("lock", flags, mode: 0o600, at: lock)
            if try !File.tryLock(file.raw) { return false }
            // Removed between the two: its name may stand for another box by now.
            if try !File.isStill(lock, path) { throw .noSuchFileOrDirectory }
            operation = file.release()
            return true
        }
        if isOurs { return self }
        throw BoxError(
            .invalidState, "another operation on the container \(File.split(path).name) is under way",
            remedy: "try again")
    }

    /// Lets other operations in.
    func letGo() {
        if let operation { _ = Descriptor(owning: operation) }
        operation = nil
    }

    /// Gives the id back.
    public func remove() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot remove the state directory \(path)", errno: $0) }) {
            () throws(Errno) in
            try Self.remove(path, lock)
        }
    }

    /// A directory whose monitor is gone: its lock is free. nil when the box lives, or there is none; and for a box that
    /// has been created to live without one, which waits for `delete`.
    ///
    /// One without a state, or under its hidden name still, is the work of a run that was killed while it made or
    /// removed it. It has no box, whatever its state says, and is removed here.
    static func abandoned(_ path: String) throws(Errno) -> (StateDirectory, RuntimeState)? {
        if !File.exists(path) { return nil }
        let directory = try File.open(path, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
        guard try File.tryLock(directory.raw), try File.isStill(directory.raw, path) else { return nil }
        let isHidden = File.split(path).name.hasPrefix(hiddenPrefix)
        if isHidden || !File.exists(file, at: directory.raw) {
            try remove(path, directory.raw)
            return nil
        }
        let text = try File.contents(of: file, at: directory.raw)
        guard let state = RuntimeState(json: text), !state.isDetached || state.status == .creating else { return nil }
        return (StateDirectory(path: path, lock: directory.release()), state)
    }

    /// The state of a box, alive or not; nil when there is none of this name.
    public static func read(_ path: String) throws(BoxError) -> RuntimeState? {
        try explaining({ BoxError(.kernel, "cannot read the state in \(path)", errno: $0) }) { () throws(Errno) in
            if !File.exists(path + "/" + file) { return nil }
            return RuntimeState(json: try File.contents(of: path + "/" + file))
        }
    }

    /// The spec that a box was made from, or was last updated to. `checked` is false for who knows that only the caller can
    /// have written there: it was checked before. Without `withSeccomp` the profile, the longest part of most, is not read.
    static func readSpec(
        _ path: String, checked: Bool = true, withSeccomp: Bool = true
    ) throws(BoxError) -> Spec {
        let text = try explaining({ BoxError(.kernel, "cannot read the spec in \(path)", errno: $0) }) {
            () throws(Errno) in try File.contents(of: path + "/" + specFile)
        }
        return checked ? try Spec.read(json: text) : try Spec.decode(json: text, withSeccomp: withSeccomp)
    }
}
