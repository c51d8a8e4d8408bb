internal import BoxOCI
internal import BoxSystem

/// Every fault in turn; prints what went wrong and, as its last line, `N passed, N failed`.
struct Campaign {
    private static let directory = "/run/fault-injection"
    private let upper = directory + "/upper"

    func run() throws(BoxError) -> Never {
        try makeBundle()
        var tally = Tally()
        for plan in ["plain", "mapped", "created", "exec"] {
            tally.note(problems: try check(plan, [], expecting: 0, saying: []), "\(plan): no fault")
            let steps = try list(plan)
            for (number, step) in steps.enumerated() {
                let title = step.drop { $0 != " " }.dropFirst()
                // A box that has ended well is told as such, whatever its poststop hooks say.
                let status: CInt = title.hasPrefix("run the poststop") ? 0 : 125
                let failed = try check(
                    plan, ["fail", String(number)], expecting: status, saying: ["cannot \(title)"])
                tally.note(problems: failed, "\(plan): failure in step \(number), \(title)")
                if step.hasPrefix("init ") {
                    let texts =
                        plan == "created" ? ["the init process died"] : ["the init process died", String(title)]
                    let died = try check(plan, ["die", String(number)], expecting: 125, saying: texts)
                    tally.note(problems: died, "\(plan): death in step \(number), \(title)")
                }
            }
        }
        StandardStreams.printOut("\(tally.passed) passed, \(tally.failed) failed")
        Processes.exit(tally.failed == 0 ? 0 : 1)
    }

    private struct Tally {
        var passed = 0
        var failed = 0

        mutating func note(problems: [String], _ name: String) {
            if problems.isEmpty {
                passed += 1
                return
            }
            failed += 1
            StandardStreams.printOut("FAILED \(name)\n  \(problems.joined(separator: "\n  "))")
        }
    }

    /// A root file system of one static program, which lies beside this one.
    private func makeBundle() throws(BoxError) {
        try explaining(failure("make the bundle")) { () throws(Errno) in
            let directories = ["", "/rootfs", "/rootfs/bin", "/rootfs/dev", "/rootfs/proc", "/rootfs/sys", "/data"]
            for name in directories + ["/state", "/upper"] {
                try File.makeDirectory(Self.directory + name, mode: 0o755)
            }
            let own = try File.readLink("/proc/self/exe")
            let program = own.split(separator: "/").dropLast().joined(separator: "/")
            let bytes = try File.contents(of: "/\(program)/workload")
            let copy = try File.open(
                Self.directory + "/rootfs/bin/workload", FileFlags.create | FileFlags.writeOnly, mode: 0o755)
            try File.write(bytes, to: copy.raw)
            try copy.close()
        }
    }

    private func list(_ plan: String) throws(BoxError) -> [String] {
        let result = try runSelf([plan, Self.directory, "list"])
        return result.output.split(separator: "\n").map(String.init)
    }

    private func check(
        _ plan: String, _ fault: [String], expecting status: CInt, saying texts: [String]
    ) throws(BoxError) -> [String] {
        let before = try Remains.now(in: Self.directory)
        let result = try runSelf([plan, Self.directory] + fault)
        var problems: [String] = []
        if result.status != status { problems.append("status \(result.status): \(result.output)") }
        for text in texts where !contains(result.output, text) {
            problems.append("does not say \"\(text)\": \(result.output)")
        }
        if status == 0 { try forgetUpper() }
        let after = try Remains.now(in: Self.directory).subtracting(before)
        for left in after.sorted() where left != "file cid" || status != 0 { problems.append("left: \(left)") }
        if status == 0, File.exists(Self.directory + "/cid") { try remove(Self.directory + "/cid") }
        return problems
    }

    /// What a box kept in its upper directory is no leak.
    private func forgetUpper() throws(BoxError) {
        try explaining(failure("empty \(upper)")) { () throws(Errno) in
            let directory = try File.open(upper, FileFlags.readOnly | FileFlags.directory)
            for name in try File.list(directory.raw) { try Tree.remove(name, in: directory.raw) }
        }
    }

    private func remove(_ path: String) throws(BoxError) {
        try explaining(failure("remove \(path)")) { () throws(Errno) in try File.remove(path) }
    }

    private func failure(_ what: String) -> (Errno) -> BoxError {
        { BoxError(.internal, "cannot \(what)", errno: $0) }
    }

    private func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }
}

enum Tree {
    static func remove(_ name: String, in directory: CInt) throws(Errno) {
        if try File.status(name, at: directory).kind != .directory { return try File.remove(name, at: directory) }
        let here = try File.open(name, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, at: directory)
        for child in try File.list(here.raw) { try remove(child, in: here.raw) }
        try File.remove(name, directory: true, at: directory)
    }
}
