import BoxSystem
import Glibc
import TestBed
import Testing

/// One container of the runtime under test: its bundle, and the verbs on its id.
struct Container {
    let bed: Bed
    let id: String
    let bundle: String
    var rootfs: String { bundle + "/rootfs" }

    /// Replaces the bundle's config.json.
    func write(_ config: Config) throws { try bed.write(config.text(), to: bundle + "/config.json") }

    /// `run -b BUNDLE FLAGS… ID`, to its end.
    func run(_ flags: String..., input: String = "", environment: [String: String] = [:]) throws -> Outcome {
        try bed.runtimeCommand(["run", "-b", bundle] + flags + [id], environment: environment)
            .start(in: bed, input: input).wait()
    }

    /// `create -b BUNDLE FLAGS… ID`, to its end. What the container writes later comes in `output`.
    func create(_ flags: String..., environment: [String: String] = [:]) throws -> Created {
        let running = try bed.runtimeCommand(["create", "-b", bundle] + flags + [id], environment: environment)
            .start(in: bed)
        return Created(outcome: try running.wait(), running: running)
    }

    /// `VERB FLAGS… ID`, to its end.
    @discardableResult
    func call(_ verb: String, _ flags: String..., input: String = "") throws -> Outcome {
        try bed.runtimeCommand([verb] + flags + [id]).start(in: bed, input: input).wait()
    }

    /// `exec FLAGS… ID COMMAND…`, to its end.
    func exec(
        _ command: String..., flags: [String] = [], input: String = "", environment: [String: String] = [:]
    ) throws -> Outcome {
        try bed.runtimeCommand(["exec"] + flags + [id] + command, environment: environment)
            .start(in: bed, input: input).wait()
    }

    @discardableResult
    func kill(_ signal: String) throws -> Outcome { try bed.oci("kill", id, signal) }

    /// What `state` answers.
    func state() throws -> Answer { try Answer(call("state").output) }

    var status: String { get throws { try state()["status"] ?? "unknown" } }

    /// The pid of its process, from `state`.
    var pid: Int { get throws { try Int(state()["pid"] ?? "") ?? 0 } }

    func waitFor(_ wanted: String) throws {
        guard try poll(30, until: { try status == wanted }) else {
            throw BedError("\(id) is \(try status), and was waited for to be \(wanted)")
        }
    }

    /// `create` and `start`, both of which must work.
    func launch(_ flags: String...) throws -> Created {
        let created = try bed.runtimeCommand(["create", "-b", bundle] + flags + [id]).start(in: bed)
        let outcome = try created.wait()
        guard outcome.status == 0 else { throw BedError("create failed: \(outcome)") }
        let started = try call("start")
        guard started.status == 0 else { throw BedError("start failed: \(started)") }
        return Created(outcome: outcome, running: created)
    }
}

/// What `create` answered, and the output of the container that outlives it.
struct Created {
    let outcome: Outcome
    let running: Running
    var output: String { running.output }

    /// Until the container has written this.
    func waitForOutput(_ text: String, timeout: Double = 30) throws {
        guard poll(timeout, until: { output.contains(text) }) else {
            throw BedError("no \"\(text)\" within \(timeout) s, but\n\(output)\n\(running.errors)")
        }
    }
}

extension Bed {
    /// A bundle of this configuration with a root file system of its own.
    func container(_ config: Config, id: String = "one") throws -> Container {
        Container(bed: self, id: id, bundle: try makeBundle(config, name: "bundle-" + id))
    }

    /// A container that runs a shell script, to its end.
    func runScript(_ config: Config, _ script: String) throws -> Outcome {
        var config = config
        config.set("process.args", ["/bin/sh", "-c", script])
        return try container(config).run()
    }
}

extension Config {
    /// A shell in the container.
    init(script: String) throws { try self.init("/bin/sh", "-c", script) }

    /// `set`, for building in one expression.
    func with(_ path: String, _ value: Any?) -> Config {
        var copy = self
        copy.set(path, value)
        return copy
    }
}
