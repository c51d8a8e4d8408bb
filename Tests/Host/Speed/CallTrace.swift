import Foundation
import TestBed

/// The system calls of a box's two processes, in order, a line each as strace(1) writes it.
struct CallTrace {
    private(set) var runtime: [String] = []
    /// From its birth through its execve(2).
    private(set) var initialise: [String] = []

    /// Runs a command that starts one box; `workload` is the program that it becomes.
    init(of command: [String], workload: String, in bed: Bed) throws {
        let directory = try bed.newDirectory("trace-\(UUID().uuidString)")
        let outcome = try Command(["strace", "-ff", "-s", "64", "-o", directory + "/of"] + command).start(in: bed)
            .wait()
        if outcome.status != 0 { throw BedError("\(command): \(outcome)") }
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let text = try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
            let lines = text.split(separator: "\n").map(String.init).filter {
                !$0.hasPrefix("+++") && !$0.hasPrefix("---")
            }
            if lines.first?.hasPrefix("execve(") == true {
                runtime = lines
            } else if let end = lines.firstIndex(where: { $0.hasPrefix("execve(\"\(workload)\"") }) {
                initialise = Array(lines[...end])
            }
        }
        if runtime.isEmpty || initialise.isEmpty { throw BedError("no trace of both processes of \(command)") }
    }

    /// The sides by name.
    var sides: [(name: String, calls: [String])] { [("runtime", runtime), ("init", initialise)] }

    static func name(of call: String) -> String { String(call.prefix { $0 != "(" }) }

    static func counts(_ words: [String]) -> [String: Int] {
        words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Without what is read of the host's mounts: how often depends on how many there are.
    static func withoutMountTable(_ calls: [String]) -> [String] {
        var file = ""
        return calls.filter { call in
            if call.contains("\"/proc/self/mountinfo\"") { file = String(call.split(separator: " ").last ?? "") }
            if call.hasPrefix("close(\(file))") { file = "" }
            return file.isEmpty || !call.hasPrefix("read(\(file),")
        }
    }
}

/// A box like docker's: what Tests/Benchmarks measures.
func makeHotBundle(in bed: Bed, change: (inout Config) -> Void = { _ in }) throws -> String {
    var config = try Config("/bin/true")
    let profile = try Data(contentsOf: URL(filePath: Bed.package + "/configs/seccomp/default.json"))
    config.set("linux.seccomp", try JSONSerialization.jsonObject(with: profile))
    change(&config)
    return try bed.makeBundle(config)
}

/// The command line of the hot path; run once, so that the compiled filter is kept.
func makeHotCommand(_ bundle: String, in bed: Bed) throws -> [String] {
    let first = try bed.runtime("run", "--bundle", bundle, "warm")
    if first.status != 0 { throw BedError("\(first)") }
    return [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "--bundle", bundle, "hot"]
}
