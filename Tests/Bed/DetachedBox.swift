internal import Glibc

/// A box that `swiftbox-runtime run --detach` has started. It has to be ended.
public struct DetachedBox {
    public let bed: Bed
    public let id: String
    public let bundle: String

    /// The box of a bundle with this configuration; its workload should not end by itself.
    public init(_ bed: Bed, _ config: Config, id: String = "box") throws {
        self.bed = bed
        self.id = id
        bundle = try bed.makeBundle(config, name: "bundle-\(id)")
        let outcome = try bed.runtime("run", "--detach", "--bundle", bundle, id)
        guard outcome.status == 0 else { throw BedError("run --detach: \(outcome)") }
    }

    /// One that sleeps.
    public init(_ bed: Bed, id: String = "box") throws { try self.init(bed, Config("sleep", "1000"), id: id) }

    /// `swiftbox-runtime exec FLAGS… ID COMMAND…`.
    public func command(_ flags: [String], _ command: [String]) throws -> Command {
        Command([try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "exec"] + flags + [id] + command)
    }

    /// The same, to its end.
    @discardableResult
    public func exec(_ flags: [String] = [], _ words: String..., input: String = "") throws -> Outcome {
        try command(flags, words).start(in: bed, input: input).wait()
    }

    /// Ends a detached process and waits for it, as an engine does: its zombie would keep the box's init from ending.
    public func reap(_ pid: CInt) {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// `delete --force`.
    public func end() throws {
        let outcome = try bed.runtime("delete", "--force", id)
        if outcome.status != 0 { throw BedError("delete --force: \(outcome)") }
    }
}

extension Bed {
    /// A sleeping box for the time of `body`.
    public func withBox(_ config: Config? = nil, id: String = "box", _ body: (DetachedBox) throws -> Void) throws {
        let box = try config.map { try DetachedBox(self, $0, id: id) } ?? DetachedBox(self, id: id)
        do { try body(box) } catch {
            try box.end()
            throw error
        }
        try box.end()
    }
}
