import Foundation
import Glibc
import Testing

/// The spec files of `examples/`, in a repository of the test's own: they write beside themselves.
public struct Examples {
    public let bed: Bed
    /// The copy of `examples/`.
    public let directory: String

    public init(_ bed: Bed, below parent: String? = nil) throws {
        self.bed = bed
        let repository = (parent ?? bed.directory) + "/repository"
        try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
        directory = repository + "/examples"
        try FileManager.default.copyItem(atPath: "\(Bed.package)/examples", toPath: directory)
        try bed.write("int main() { return 0; }\n", to: repository + "/main.c")
    }

    /// `swiftbox run -f NAME`; where the host has no limits, without them.
    public func command(_ name: String, _ flags: [String] = []) throws -> Command {
        let bestEffort = Bed.isGuest ? [] : ["--best-effort"]
        return Command(
            [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--quiet", "-f", "\(directory)/\(name)"]
                + bestEffort + flags)
    }

    public func run(_ name: String, _ flags: [String] = [], input: String = "") throws -> Outcome {
        try command(name, flags).start(in: bed, input: input).wait()
    }

    public func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }
}

/// What both beds see of them.
extension Examples {
    public func aStepOfCI() throws {
        let outcome = try run("ci-step.yaml")
        #expect(outcome.status == 0 && outcome.output == "2\n", "\(outcome)")
        #expect(try text("listing.txt") == "examples\nmain.c\n")
        let write = try run(
            "ci-step.yaml", ["--", "sh", "-c", "touch /src/new; cat /proc/net/dev | wc -l"])
        #expect(write.errors.contains("Read-only file system") && write.output == "3\n", "\(write)")
    }

    public func aBuildWithACache() throws {
        try FileManager.default.createDirectory(
            atPath: directory + "/cache", withIntermediateDirectories: true)
        #expect(try run("build-cache.yaml").output == "built once\n")
        #expect(try run("build-cache.yaml").output == "from the cache: built once\n")
    }

    /// `seconds` for one that never ends.
    public func anUntrustedScript(seconds: Int) throws {
        let polite = try run(
            "untrusted.yaml", ["-i"], input: "id -u; touch /etc/x || echo no; echo y >/tmp/x && cat /tmp/x")
        #expect(polite.status == 0 && polite.output == "65534\nno\ny\n", "\(polite)")
        let endless = try run(
            "untrusted.yaml", ["-i", "--timeout", "\(seconds)s"], input: "trap '' TERM; while :; do :; done")
        #expect(endless.status == 137, "\(endless)")
    }

    public func aService() throws {
        let running = try command("service.yaml").start(in: bed)
        try running.waitForOutput("ready")
        running.signal(SIGTERM)
        let outcome = try running.wait()
        #expect(outcome.status == 0 && outcome.output == "ready\nbye\n", "\(outcome)")
    }
}
