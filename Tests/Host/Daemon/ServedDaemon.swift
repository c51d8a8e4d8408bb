import Glibc
import TestBed
import Testing

/// A swiftboxd with a root, a socket and an image of its own. For the test's own thread.
final class ServedDaemon {
    let bed: Bed
    let socket: String
    private let daemon: Running

    /// Runs `body` with a daemon that has the image `box`, then removes every box and ends it. `configuration` is put into
    /// its file.
    static func with(_ configuration: String = "", _ body: (ServedDaemon) throws -> Void) throws {
        let served = try ServedDaemon(try Bed.here, configuration)
        do {
            try served.importImage()
            try body(served)
        } catch {
            try served.end()
            throw error
        }
        try served.end()
    }

    private init(_ bed: Bed, _ text: String) throws {
        self.bed = bed
        socket = bed.directory + "/run/swiftbox.sock"
        let configuration = bed.directory + "/swiftboxd.yaml"
        try bed.write("\(text)\n", to: configuration)
        daemon = try Command([
            try Bed.binary("swiftboxd"), "--config", configuration, "--root", bed.directory + "/lib", "--run",
            bed.directory + "/run",
        ]).start(in: bed)
        guard poll(20, until: { access(socket, F_OK) == 0 }) else {
            daemon.signal(SIGKILL)
            let outcome = try daemon.wait()
            throw BedError("swiftboxd made no socket: \(outcome)")
        }
    }

    private func importImage() throws {
        let rootfs = try bed.makeRootfs()
        let tar = bed.directory + "/rootfs.tar"
        let packed = try bed.command("tar", "-C", rootfs, "-cf", tar, ".")
        guard packed.status == 0 else { throw BedError("cannot pack a root file system: \(packed)") }
        let imported = try docker("import", "-c", "CMD [\"/bin/sh\"]", tar, "box:latest")
        guard imported.status == 0 else { throw BedError("cannot import: \(imported)") }
    }

    private func end() throws {
        let boxes = try docker("ps", "-aq").output.split(separator: "\n").map(String.init)
        if !boxes.isEmpty { _ = try run(["docker", "rm", "-f"] + boxes) }
        daemon.signal(SIGTERM)
        try daemon.wait(timeout: 20)
    }

    /// Docker's command line, to its end.
    func docker(_ words: String..., input: String = "") throws -> Outcome { try run(["docker"] + words, input: input) }
    func docker(_ words: [String]) throws -> Outcome { try run(["docker"] + words) }

    /// A box `svc` that does nothing.
    func startService() throws {
        let made = try docker("run", "-d", "--name", "svc", "--network", "none", "box", "sleep", "1000")
        #expect(made.status == 0, "\(made)")
    }

    /// `docker run --network none --rm`, to its end.
    func dockerRun(_ words: String..., input: String = "") throws -> Outcome {
        try run(["docker", "run", "--network", "none", "--rm"] + words, input: input)
    }

    func start(_ words: String..., on terminal: Terminal? = nil) throws -> Running {
        try Command(words, environment: environment).start(in: bed, on: terminal)
    }

    /// A script of `Tests/API` with the socket and `words` behind it.
    func script(_ name: String, _ words: String...) throws -> Outcome {
        try run(["python3", "\(Bed.package)/Tests/API/\(name)", socket] + words)
    }

    func compose(_ file: String, _ words: [String]) throws -> Outcome {
        try run(["docker-compose", "-p", "test", "-f", file] + words)
    }

    private func run(_ words: [String], input: String = "") throws -> Outcome {
        try Command(words, environment: environment).start(in: bed, input: input).wait(timeout: 90)
    }

    private var environment: [String: String] {
        ["DOCKER_HOST": "unix://\(socket)", "PYTHONDONTWRITEBYTECODE": "1", "HOME": bed.directory]
    }
}
