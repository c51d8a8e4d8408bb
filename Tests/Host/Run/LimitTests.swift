import TestBed
import Testing

extension HostBed {
    /// Limits on a host whose cgroup v2 has few controllers: what it can do is written, what it cannot is said.
    /// That limits hold is the guest's to prove.
    @Suite struct Limited {
        @Test(arguments: [
            (["--hugetlb", "2m=4m"], "hugetlb.2MB.max", "4194304"),
            (["--cgroup", "hugetlb.2MB.max=6291456"], "hugetlb.2MB.max", "6291456"),
            (["--cgroup", "cgroup.max.depth=3"], "cgroup.max.depth", "3"),
            (["--cgroup", "cgroup.max.descendants=7", "--userns", "auto"], "cgroup.max.descendants", "7"),
        ])
        func areReadBack(flags: [String], file: String, value: String) throws {
            let bed = try Bed.here
            guard try bed.available(file) else { return }
            let outcome = try bed.box(flags + ["cat", "/sys/fs/cgroup/" + file])
            #expect(outcome.status == 0 && outcome.lines == [value], "\(outcome)")
        }

        @Test func theBoxIsAloneInItsCgroup() throws {
            let bed = try Bed.here
            let running = try bed.startBox(
                "--name", "counted", "sh", "-c", "cat /proc/self/cgroup; exec workload trap TERM")
            try running.waitForOutput("ready")
            #expect(running.output.split(separator: "\n").contains("0::/"), "\(running.output)")
            let inside = try bed.command("cat", bed.cgroupMount() + "/swiftbox-counted/cgroup.procs")
            #expect(inside.lines.count == 1 && inside.lines != ["\(running.pid)"], "\(inside)")
            running.signal(15)
            try running.wait()
        }

        @Test func aLimitThatCannotHoldIsAnErrorOrAWarning() throws {
            let bed = try Bed.here
            guard try bed.lacks("pids") else { return }
            let refused = try bed.box("--pids-limit", "64", "true")
            #expect(refused.status == 125)
            #expect(
                refused.errors == """
                    swiftbox: cannot apply --pids-limit 64: the pids controller is not available in this cgroup v2 hierarchy
                      found: pids is bound to cgroup v1 on this host
                      try:   boot with systemd.unified_cgroup_hierarchy=1, or pass --best-effort to run without it

                    """)
            let warned = try bed.box("--pids-limit", "64", "--best-effort", "echo", "ran")
            #expect(warned.status == 0 && warned.output == "ran\n")
            #expect(
                warned.errors.hasPrefix("swiftbox: warning: cannot apply --pids-limit 64: the pids controller"),
                "\(warned)")
        }

        @Test(arguments: [
            ("--memory", ["-m", "64m"], "memory"), ("--memory-high", ["--memory-high", "64m"], "memory"),
            ("--cpus", ["--cpus", "1.5"], "cpu"), ("--cpu-shares", ["--cpu-shares", "512"], "cpu"),
            ("--cpuset-cpus", ["--cpuset-cpus", "0"], "cpuset"), ("--pids-limit", ["--pids-limit", "9"], "pids"),
            ("--cgroup", ["--cgroup", "memory.high=1000000"], "memory"), ("--io-weight", ["--io-weight", "200"], "io"),
        ])
        func eachIsNamedWhereItsControllerIsMissing(flag: String, words: [String], controller: String) throws {
            let bed = try Bed.here
            guard try bed.lacks(controller) else { return }
            let refused = try bed.box(words + ["true"])
            #expect(refused.status == 125, "\(refused)")
            #expect(
                refused.errors.hasPrefix("swiftbox: cannot apply \(flag)") && refused.errors.contains(controller),
                "\(refused)")
            #expect(refused.errors.contains("--best-effort"), "\(refused)")
            let warned = try bed.box(words + ["--best-effort", "true"])
            #expect(warned.status == 0 && warned.errors.contains("warning: cannot apply \(flag)"), "\(warned)")
        }

        @Test func aDefaultThatCannotHoldIsOneWarning() throws {
            let bed = try Bed.here
            guard try bed.lacks("pids") else { return }
            let outcome = try bed.box("true")
            #expect(outcome.status == 0)
            #expect(
                outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
            #expect(outcome.errors.contains("the default --pids-limit 4096 is not applied"), "\(outcome)")
        }

        @Test(arguments: [
            (["--cgroup", "hugetlb.3MB.max=1"], "hugetlb.3MB.max"),
            (["--cgroup", "cgroup.nothing=1"], "cgroup.nothing"),
            (["--cgroup", "cgroup.max.depth=many"], "cgroup.max.depth"), (["--hugetlb", "64k=1m"], "--hugetlb"),
        ])
        func aFileThatTheKernelDoesNotTakeIsAnError(flags: [String], name: String) throws {
            let outcome = try Bed.here.box(flags + ["true"])
            #expect(outcome.status == 125 && outcome.errors.contains(name), "\(outcome)")
        }
    }
}

extension Bed {
    private func controllers() throws -> [String] {
        try command("cat", cgroupMount() + "/cgroup.controllers").output.split { $0 == " " || $0 == "\n" }.map(
            String.init)
    }

    fileprivate func lacks(_ controller: String) throws -> Bool { try !controllers().contains(controller) }

    /// Whether the controller of a cgroup file is here; files of the core always are.
    fileprivate func available(_ file: String) throws -> Bool {
        let controller = String(file.prefix { $0 != "." })
        return try controller == "cgroup" || controllers().contains(controller)
    }
}
