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
    private static let file = "state.json"
    private static let hiddenPrefix = ".new-"

    private init(path: String, lock: CInt) {
        self.path = path
        self.lock = lock
    }

    deinit { _ = Descriptor(owning: lock) }

    /// Takes the id; `.alreadyExists` when another box has it.
    public static func make(_ path: String, state: RuntimeState) throws(BoxError) -> StateDirectory {
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
                try writeFile(state, in: directory.raw)
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
            try Self.writeFile(state, in: lock)
        }
    }

    private static func writeFile(_ state: RuntimeState, in directory: CInt) throws(Errno) {
        let flags = FileFlags.create | FileFlags.writeOnly | FileFlags.truncate | FileFlags.noFollow
        let temporary = try File.open(".state.json", flags, mode: 0o600, at: directory)
        try File.write(state.json, to: temporary.raw)
        try temporary.close()
        try File.rename(".state.json", to: file, at: directory)
    }

    /// Gives the id back.
    public func remove() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot remove the state directory \(path)", errno: $0) }) {
            () throws(Errno) in
            try Self.remove(path, lock)
        }
    }

    /// A directory whose monitor is gone: its lock is free. nil when the box lives, or there is none.
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
        guard let state = RuntimeState(json: text) else { return nil }
        return (StateDirectory(path: path, lock: directory.release()), state)
    }

    /// The state of a box, alive or not; nil when there is none of this name.
    public static func read(_ path: String) throws(BoxError) -> RuntimeState? {
        try explaining({ BoxError(.kernel, "cannot read the state in \(path)", errno: $0) }) { () throws(Errno) in
            if !File.exists(path + "/" + file) { return nil }
            return RuntimeState(json: try File.contents(of: path + "/" + file))
        }
    }
}
