import Foundation

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
