internal import BoxSystem
internal import Foundation

/// What one test has to itself: a directory, a state root, root file systems and bundles made in them, and the means
/// to run the release binaries. `.leakChecked` makes one a test and removes it afterwards. Not for several threads.
public final class Bed: Sendable {
    /// Fresh, empty, removed after the test: nothing in it has to be cleaned up by hand.
    public let directory: String
    /// `--root` of every swiftbox command that the test runs.
    public var stateRoot: String { directory + "/state" }

    @TaskLocal static var current: Bed?

    /// The bed of the running test; throws where the suite lacks `.leakChecked`.
    public static var here: Bed {
        get throws {
            guard let current else { throw BedError("the suite of this test is not .leakChecked") }
            return current
        }
    }

    init() throws {
        var template = Array((Bed.temporaryDirectory + "/swiftbox-test.XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw BedError("cannot make \(Bed.temporaryDirectory)/…", errno) }
        directory = String(cString: made)
        try makeDirectory(stateRoot)
    }

    /// What is still under the state root, its first level apart: a box that is gone leaves none of it.
    func remains() -> [String] {
        Files.below(stateRoot, depth: 8).filter { $0.dropFirst(stateRoot.count + 1).contains("/") }
    }

    func remove() throws { try FileManager.default.removeItem(atPath: directory) }
}

/// A test bed that cannot do its work; no statement about swiftbox.
public struct BedError: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String, _ number: CInt? = nil) {
        self.description = description + (number.map { ": \(Errno(rawValue: $0))" } ?? "")
    }
}

// The outside: where things are.
extension Bed {
    /// `$TMPDIR`, which `Tests/run.sh` points to a directory of its own.
    public static let temporaryDirectory = variable("TMPDIR") ?? "/tmp"
    /// The root of the package.
    public static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// The release binaries: `$SWIFTBOX_BIN_DIR`, or what `swift build -c release` made.
    public static let binaries = variable("SWIFTBOX_BIN_DIR") ?? package + "/.build/release"
    /// Whether this is the guest with pure cgroup v2; `Tests/Guest/boot` says so.
    public static let isGuest = variable("SWIFTBOX_BED") == "guest"

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    public static func binary(_ name: String) throws -> String {
        let path = "\(binaries)/\(name)"
        guard access(path, X_OK) == 0 else { throw BedError("no \(path): run swift build -c release first", errno) }
        return path
    }
}

// Running swiftbox.
extension Bed {
    /// `swiftbox run --root STATE ARGUMENTS…`, to its end.
    @discardableResult
    public func run(
        _ arguments: String..., input: String = "", environment: [String: String] = [:], timeout: Double = 60
    ) throws -> Outcome {
        try Command([try Bed.binary("swiftbox"), "run", "--root", stateRoot] + arguments, environment: environment)
            .start(in: self, input: input).wait(timeout: timeout)
    }

    /// `swiftbox-runtime --root STATE ARGUMENTS…`, to its end.
    @discardableResult
    public func runtime(_ arguments: String..., input: String = "", timeout: Double = 60) throws -> Outcome {
        try Command([try Bed.binary("swiftbox-runtime"), "--root", stateRoot] + arguments)
            .start(in: self, input: input).wait(timeout: timeout)
    }

    /// `swiftbox run --root STATE ARGUMENTS…`, left running; the test waits for it.
    public func start(
        _ arguments: String..., environment: [String: String] = [:], on terminal: Terminal? = nil
    ) throws -> Running {
        try Command([try Bed.binary("swiftbox"), "run", "--root", stateRoot] + arguments, environment: environment)
            .start(in: self, on: terminal)
    }

    /// Any other command, found in PATH, to its end.
    @discardableResult
    public func command(_ arguments: String..., input: String = "", timeout: Double = 60) throws -> Outcome {
        try Command(arguments).start(in: self, input: input).wait(timeout: timeout)
    }
}

func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws {
    do { try File.makeDirectory(path, mode: mode) } catch { throw BedError("cannot make \(path): \(error)") }
}
