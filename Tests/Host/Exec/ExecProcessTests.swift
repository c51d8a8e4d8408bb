import BoxSystem
import Foundation
import Glibc
import TestBed
import Testing

/// Who the process is, where it starts and what it may do.
extension HostBed.Exec.Process {
    private func status(_ box: DetachedBox, _ flags: [String]) throws -> [String: String] {
        let outcome = try box.command(flags, ["workload", "status"]).start(in: box.bed).wait()
        if outcome.status != 0 { throw BedError("workload status: \(outcome)") }
        return facts(outcome.output)
    }

    private func facts(_ text: String) -> [String: String] { fields(text) }

    @Test func hasTheRightsAndLimitsOfTheBox() throws {
        var config = try Config("sh", "-c", "workload status >/tmp/own; echo done; sleep 1000")
        config.set("root.readonly", false)
        config.set("process.oomScoreAdj", 321)
        config.set("process.rlimits", [["type": "RLIMIT_NOFILE", "soft": 77, "hard": 78]])
        config.set("process.user", ["uid": 0, "gid": 5, "umask": 0o37, "additionalGids": [6, 7]])
        config.set("process.cwd", "/tmp")
        config.set("process.noNewPrivileges", true)
        config.set("linux.personality", ["domain": "LINUX32"])
        config.set("linux.seccomp", ["defaultAction": "SCMP_ACT_ALLOW"])
        try Bed.here.withBox(config) { box in
            #expect(try poll(10) { try box.exec([], "grep", "-c", "fds=", "/tmp/own").output == "1\n" })
            var own = facts(try box.exec([], "cat", "/tmp/own").output)
            var new = try status(box, [])
            for key in ["pid", "ppid", "sid"] { (own[key], new[key]) = (nil, nil) }
            #expect(own == new)
            #expect(new["oom_score_adj"] == "321" && new["rlimit.nofile"] == "77:78" && new["groups"] == "6 7 ")
            #expect(new["NoNewPrivs"] == "1" && new["Seccomp"] == "2" && new["CapInh"] == "0000000000000000")
            #expect(try box.exec([], "uname", "-m").output != Kernel.name().machine + "\n")
        }
    }

    /// As kept when the box was made, and from the profile where that is gone or broken.
    @Test func hasTheFilterOfTheBox() throws {
        var config = try Config("sleep", "1000")
        config.set(
            "linux.seccomp",
            [
                "defaultAction": "SCMP_ACT_ALLOW",
                "syscalls": [
                    ["names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 40]
                ],
            ])
        config.set("root.readonly", false)
        try Bed.here.withBox(config) { box in
            let root = box.bed.stateRoot
            func refuses() throws -> Bool {
                let outcome = try box.exec([], "mkdir", "/tmp/made")
                return outcome.status == 1 && outcome.errors.contains("Too many levels of symbolic links")
                    && outcome.errors.contains("no_such_call")
            }
            #expect(try refuses())
            let state = try String(contentsOfFile: "\(root)/\(box.id)/state.json", encoding: .utf8)
            let kept = try #require(state.split(separator: "\"").first { $0.hasPrefix(".seccomp-") })
            let file = "\(root)/\(kept)"
            let filter = try Data(contentsOf: URL(fileURLWithPath: file))
            for broken in [Data(), Data(filter.dropLast()), filter + Data([0]), Data(filter.map { $0 ^ 1 })] {
                try broken.write(to: URL(fileURLWithPath: file))
                #expect(try refuses(), "\(broken.count)")
            }
            try FileManager.default.removeItem(atPath: file)
            #expect(try refuses())
        }
    }

    @Test func hasTheSchedulingOfTheBox() throws {
        var config = try Config("sleep", "1000")
        config.set("process.scheduler", ["policy": "SCHED_BATCH", "nice": 7])
        config.set("process.ioPriority", ["class": "IOPRIO_CLASS_IDLE", "priority": 0])
        try Bed.here.withBox(config) { box in
            #expect(try status(box, [])["nice"] == "7")
            // Field 41 of proc_pid_stat(5) is the policy.
            let outcome = try box.exec([], "sh", "-c", "cut -d' ' -f41 /proc/$$/stat; busybox ionice -p $$")
            #expect(outcome.output.hasPrefix("3\nidle"), "\(outcome)")
        }
    }

    @Test func runsOnTheProcessorsThatTheFileNames() throws {
        try Bed.here.withBox { box in
            let file = box.bed.directory + "/process.json"
            for (affinity, list) in [(#""initial": "0""#, "0"), (#""initial": "0", "final": "1""#, "1")] {
                try box.bed.write(
                    #"{"cwd": "/", "args": ["workload", "status"], "execCPUAffinity": {\#(affinity)}}"#, to: file)
                let found = facts(try box.exec(["-p", file]).output)
                #expect(found["Cpus_allowed_list"] == list, "\(found)")
            }
        }
    }

    @Test func isTheUserThatIsNamed() throws {
        try Bed.here.withBox { box in
            var user = try status(box, ["-u", "box", "-g", "5,extra", "--additional-gids=9"])
            #expect(user["uid"] == "1000" && user["gid"] == "1000" && user["groups"] == "5 9 2000 ", "\(user)")
            user = try status(box, ["--user", "1:2"])
            #expect(user["uid"] == "1" && user["euid"] == "1" && user["gid"] == "2" && user["groups"] == "", "\(user)")
            #expect(user["CapEff"] == "0000000000000000" && user["CapPrm"] == "0000000000000000", "\(user)")
            let home = try box.exec(["-u", "box", "-e", "B=1", "--env", "A=2", "-e", "B=3"], "env")
            #expect(home.lines.sorted() == ["A=2", "B=3", "HOME=/home/box", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
            for text in ["01", "+1", "1x", " 1", "4294967295", "nobody", ""] {
                let outcome = try box.exec(["-u", text], "id")
                #expect(outcome.status == 255 && outcome.output.isEmpty && outcome.errors.contains("--user"))
            }
        }
    }

    @Test func startsWhereItIsTold() throws {
        try Bed.here.withBox { box in
            #expect(try box.exec(["--cwd", "/tmp"], "pwd").output == "/tmp\n")
            #expect(try box.exec([], "pwd").output == "/\n")
            let missing = try box.exec(["--cwd", "/nowhere"], "pwd")
            #expect(missing.status == 255 && missing.errors.contains("--cwd /nowhere"), "\(missing)")
            let relative = try box.exec(["--cwd", "tmp"], "pwd")
            #expect(relative.status == 255 && relative.errors.contains("--cwd tmp: must be an absolute path"))
        }
    }

    @Test func getsCapabilitiesOnTopOfTheBoxs() throws {
        try Bed.here.withBox { box in
            let plain = try status(box, [])
            let more = try status(box, ["-c", "net_admin,CAP_SYS_TIME", "--cap=BPF"])
            for key in ["CapPrm", "CapEff", "CapBnd"] {
                let (old, new) = (UInt64(plain[key] ?? "", radix: 16), UInt64(more[key] ?? "", radix: 16))
                #expect(try #require(old) | (1 << 12 | 1 << 25 | 1 << 39) == new)
            }
            #expect(more["CapInh"] == "0000000000000000" && more["CapAmb"] == "0000000000000000")
            let user = try status(box, ["-u", "box", "-c", "NET_ADMIN"])
            #expect(user["CapEff"] == "0000000000001000" && user["CapAmb"] == "0000000000001000", "\(user)")
            let unknown = try box.exec(["-c", "NET_ADMIN,NOTHING"], "true")
            #expect(unknown.status == 255 && unknown.errors.contains("--cap NOTHING"), "\(unknown)")
        }
    }

    @Test func noNewPrivilegesCanBeAddedButNotTakenAway() throws {
        var config = try Config("sleep", "1000")
        config.set("process.noNewPrivileges", false)
        try Bed.here.withBox(config) { box in
            let (plain, more) = (try status(box, []), try status(box, ["--no-new-privs"]))
            #expect(plain["NoNewPrivs"] == "0" && more["NoNewPrivs"] == "1")
        }
        config.set("process.noNewPrivileges", true)
        try Bed.here.withBox(config, id: "strict") { box in
            let file = box.bed.directory + "/process.json"
            try box.bed.write(#"{"cwd": "/", "args": ["workload", "status"], "noNewPrivileges": false}"#, to: file)
            #expect(facts(try box.exec(["-p", file]).output)["NoNewPrivs"] == "1")
        }
    }

    /// This machine has neither; what is asked for is not passed over.
    @Test(arguments: [("--apparmor", "AppArmor"), ("--process-label", "SELinux")])
    func aLabelThatCannotBeGivenIsRefused(_ flag: String, _ module: String) throws {
        try Bed.here.withBox { box in
            let outcome = try box.exec([flag, "confined"], "true")
            #expect(outcome.status == 255 && outcome.errors.contains("\(flag) confined"), "\(outcome)")
            #expect(outcome.errors.contains("\(module) is not enabled"), "\(outcome)")
        }
    }

    @Test func aFileDescribesTheProcess() throws {
        try Bed.here.withBox { box in
            let text = """
                {"cwd": "/tmp", "args": ["workload", "status"], "env": ["PATH=/bin"],
                 "user": {"uid": 1000, "gid": 1000, "additionalGids": [2000]},
                 "capabilities": {"bounding": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "permitted": ["CAP_KILL"],
                 "effective": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
                 "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 11, "hard": 12}], "oomScoreAdj": 55}
                """
            try box.bed.write(text, to: box.bed.directory + "/process.json")
            // The path is relative to the caller's working directory.
            let exec = "cd \(box.bed.directory) && \(try Bed.binary("swiftbox-runtime")) --root state exec"
            let found = facts(try box.bed.hostShell("\(exec) --process process.json box").output)
            #expect(found["uid"] == "1000" && found["groups"] == "2000 " && found["cwd"] == "/tmp", "\(found)")
            #expect(found["CapEff"] == "0000000000000020" && found["CapInh"] == "0000000000000020", "\(found)")
            #expect(found["rlimit.nofile"] == "11:12" && found["oom_score_adj"] == "55", "\(found)")
            let changed = try box.bed.hostShell(
                "\(exec) -p process.json --cwd / -u 0 -e A=1 box sh -c 'pwd; id -u; echo $A'")
            #expect(changed.output == "/\n0\n1\n", "\(changed)")
            try box.bed.write("{\"cwd\": \"/\",\n \"args\": [1]}", to: box.bed.directory + "/process.json")
            let broken = try box.bed.hostShell("\(exec) -p process.json box")
            #expect(broken.status == 255 && broken.errors.contains("line 2, column 11: process.args[0]"), "\(broken)")
            let missing = try box.exec(["-p", box.bed.directory + "/none.json"])
            #expect(missing.status == 255 && missing.errors.contains("none.json: No such file"), "\(missing)")
        }
    }
}
