import Glibc
import TestBed

/// The OCI runtime that the suite tests: ours, or `$OCI_RUNTIME` (a name in PATH or a path).
enum RuntimeUnderTest: String {
    case swiftbox, crun, runc, other

    static let path = variable("OCI_RUNTIME")

    /// By the name of its executable.
    static let current: RuntimeUnderTest = {
        guard let path else { return .swiftbox }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name == "swiftbox-runtime" ? .swiftbox : RuntimeUnderTest(rawValue: name) ?? .other
    }()

    /// Whether known failures count like any other, so that a report can tell who fails what.
    static let comparing = variable("OCI_COMPARE") != nil

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Bed {
    /// `RUNTIME --root STATE`, to put a verb behind.
    func runtimeCommand(_ words: [String], environment: [String: String] = [:]) throws -> Command {
        let program = try RuntimeUnderTest.path ?? Bed.binary("swiftbox-runtime")
        return Command([program, "--root", stateRoot] + words, environment: environment)
    }

    /// `RUNTIME --root STATE WORDS…`, to its end.
    @discardableResult
    func oci(_ words: String..., input: String = "", environment: [String: String] = [:]) throws -> Outcome {
        try runtimeCommand(words, environment: environment).start(in: self, input: input).wait()
    }

    /// Ends whatever a test has left, so that it need not do so itself.
    func deleteAllContainers() throws {
        // As an engine's monitor would: a container with unreaped processes is not empty.
        while waitpid(-1, nil, WNOHANG) > 0 {}
        for path in paths(in: stateRoot) {
            guard let id = path.split(separator: "/").last.map(String.init) else { continue }
            try oci("delete", "--force", id)
        }
    }
}

/// The paths directly in a directory; none where it is no directory.
func paths(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { found.append("\(directory)/\(name)") }
    }
    return found.sorted()
}
