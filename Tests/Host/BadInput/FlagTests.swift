import BoxSystem
import Glibc
import TestBed
import Testing

/// Flags that are wrong, and what the answer says: the flag at fault and a piece of the message.
struct Wrong: Sendable, CustomTestStringConvertible {
    var words: [String]
    var parts: [String]

    /// A command line, split at blanks.
    init(_ line: String, _ parts: String...) {
        words = line.split(separator: " ").map(String.init)
        self.parts = parts
    }

    init(_ words: [String], _ parts: String...) {
        self.words = words
        self.parts = parts
    }

    var testDescription: String { words.joined(separator: " ") }
}

extension HostBed {
    /// Bad flags of `swiftbox run`: 125, a message that names the flag, and (by the leak check) nothing left behind.
    @Suite struct BadFlags {
        @Test(arguments: [
            Wrong("-m 12q", "--memory 12q: is not a size"), Wrong("-m -1", "-m"), Wrong(["--memory", ""], "--memory"),
            Wrong("-m 99999999999999999999g", "--memory", "is not a size"), Wrong("-m 1", "--memory", "unit"),
            Wrong("-m 1.5", "--memory"), Wrong("-m 9223372036854775808", "--memory"), Wrong("-m 0x10", "--memory"),
            Wrong("-m 1g --memory-swap 512m", "--memory-swap"), Wrong("--memory-swap 1g", "needs --memory"),
            Wrong("--memory-high no", "--memory-high"), Wrong("-m 1g --memory-min 2g", "--memory-min"),
            Wrong("--shm-size 0", "--shm-size"), Wrong("--scratch-size -5", "--scratch-size"),
            Wrong("--cpus 0", "--cpus"), Wrong("--cpus -2", "--cpus"), Wrong("--cpus 1e99", "--cpus"),
            Wrong("--cpus nan", "--cpus"), Wrong("--cpu-shares 1", "--cpu-shares"),
            Wrong("--cpu-weight 0", "--cpu-weight"),
            Wrong("--cpu-quota 1", "--cpu-quota"), Wrong("--cpu-period 10s", "--cpu-period"),
            Wrong("--cpuset-cpus 3-1", "--cpuset-cpus"), Wrong("--cpuset-mems x", "--cpuset-mems"),
            Wrong("--pids-limit 0", "--pids-limit"), Wrong("--pids-limit -2", "--pids-limit"),
            Wrong("--pids-limit 99999999999999999999", "--pids-limit"), Wrong("--pids-limit 1.5", "--pids-limit"),
            Wrong("--oom-score-adj 1001", "--oom-score-adj"), Wrong("--io-weight 20000", "--io-weight"),
            Wrong("--device-read-bps /etc/passwd:1m", "--device-read-bps", "/etc/passwd"),
            Wrong("--device-write-bps /dev/null:1m", "--device-write-bps", "/dev/null"),
            Wrong("--device-read-iops /dev/nothing:10", "--device-read-iops", "/dev/nothing"),
            Wrong("--device-write-iops /etc:-1", "--device-write-iops"),
            Wrong("--device-read-bps /dev/null", "PATH:RATE"),
            Wrong("--hugetlb 3m=1g", "--hugetlb", "power of two"), Wrong("--hugetlb 2m", "--hugetlb"),
            Wrong("--cgroup ../cgroup.procs=1", "--cgroup"), Wrong("--cgroup pids.max", "--cgroup"),
            Wrong("--cgroup memory.max=1 -m 1g", "--cgroup memory.max=1"), Wrong("--ulimit nofile=2:1", "--ulimit"),
            Wrong("--ulimit nofile=99999999999999999999", "--ulimit"), Wrong("--ulimit nope=1", "--ulimit"),
            Wrong("--sysctl kernel.panic=1", "--sysctl", "kernel.panic"), Wrong("--sysctl x", "--sysctl"),
            Wrong("--sysctl net.core.nothing=1", "net.core.nothing"),
        ])
        func limits(wrong: Wrong) throws { try check(wrong) }

        @Test(arguments: [
            Wrong("-v /etc", "--volume /etc: must be SRC:DST"), Wrong("-v /etc:x", "must be absolute"),
            Wrong("-v /nothing/here:/x", "--volume /nothing/here:/x", "/nothing/here"),
            Wrong("-v data:/x", "named volumes"),
            Wrong("-v /etc:/x:rw,ro", "exclude each other"), Wrong("-v /etc:/x:shared", "--volume"),
            Wrong("-v /etc:/../../x", "'..' is not allowed"), Wrong("-v /etc:/proc", "its own /proc"),
            Wrong("-v /etc:/dev", "its own /dev"), Wrong("-v /etc:/", "root is no mount point"),
            Wrong("-v /etc:/a -v /usr:/a", "--volume /usr:/a", "is a mount point already, by --volume /etc:/a"),
            Wrong("-v /etc:/a --tmpfs /a/", "--tmpfs /a/", "is a mount point already"),
            Wrong("--mount type=bind,dst=/a", "--mount", "src is missing"), Wrong("--mount dst=/a", "type is missing"),
            Wrong("--mount type=magic,dst=/a", "type=magic"), Wrong("--mount type=tmpfs,dst=/a,=", "--mount"),
            Wrong("--mount type=tmpfs,dst=/a,dst=/b", "given twice"),
            Wrong("--tmpfs /a:size=huge", "--tmpfs", "size=huge"),
            Wrong("--tmpfs a", "must be absolute"), Wrong("--tmpfs /a:size=1m,usrquota", "unknown option usrquota"),
            Wrong("-v /etc:/a:idmap", "needs a user namespace"),
            Wrong("--device /dev/nothing", "--device", "/dev/nothing"),
            Wrong("--device /etc/passwd", "--device", "is no device"), Wrong("--device /dev/zero:/dev/z:q", "--device"),
            Wrong("--upper /nothing", "--upper"), Wrong("--upper /etc/passwd", "--upper"),
            Wrong("--layer /nothing", "--layer"),
            Wrong("--layer /etc --layer /etc", "is a layer already"), Wrong("--read-only --upper /tmp", "--upper"),
            Wrong("-v /etc:/etc/passwd/x", "--volume"), Wrong("-v /etc:/etc/passwd", "--volume"),
            Wrong("-v /etc/passwd:/etc", "--volume"),
        ])
        func files(wrong: Wrong) throws { try check(wrong) }

        @Test(arguments: [
            Wrong("-u nobody-here", "--user", "no user nobody-here"), Wrong("-u 1:2:3", "--user"),
            Wrong("-u 4294967295", "--user"),
            Wrong("-u box:nogroup", "no group nogroup"), Wrong("--group-add x", "--group-add"),
            Wrong("-w etc", "--workdir"),
            Wrong("-e =x", "--env"), Wrong("-e NOT_SET", "--env NOT_SET"), Wrong("--env-file /nothing", "--env-file"),
            Wrong("--env-file /", "--env-file"), Wrong("--name a/b", "--name"), Wrong("--name ..", "--name"),
            Wrong(["--name", ""], "--name"), Wrong("--hostname a_b!", "--hostname"),
            Wrong("--network bridge", "--network"),
            Wrong("--network container:x", "--network"), Wrong("-p 80:80", "-p cannot be used"), Wrong("-d", "daemon"),
            Wrong("--no-such-flag", "unknown flag --no-such-flag"),
            Wrong("-Z", "unknown flag -Z"),
            Wrong("--userns 1:2", "--userns"), Wrong("--userns 1:1:99999999999", "--userns"),
            Wrong("--userns keep-id", "--userns"),
            Wrong("--userns 100000:100000:10 -u 10", "--user"), Wrong("--cap-add NOPE", "--cap-add"),
            Wrong("--cap-drop NOPE", "--cap-drop"), Wrong("--security-opt x=y", "--security-opt"),
            Wrong("--security-opt seccomp=/nothing", "--security-opt", "/nothing"),
            Wrong("--security-opt seccomp=/etc/passwd", "--security-opt", "/etc/passwd"),
            Wrong("--security-opt apparmor=no-such-profile", "AppArmor"),
            Wrong("--stop-signal SIGNOPE", "--stop-signal"),
            Wrong("--label =x", "--label"), Wrong("--annotation x", "--annotation"),
            Wrong("--cidfile /nothing/x", "--cidfile"),
            Wrong("--pidfile /nothing/x", "--pidfile"), Wrong(["--entrypoint", ""], "--entrypoint"),
        ])
        func theRest(wrong: Wrong) throws { try check(wrong) }

        private func check(_ wrong: Wrong) throws {
            let outcome = try Bed.here.box(wrong.words + ["sh", "-c", "echo it ran"])
            #expect(outcome.status == 125, "\(outcome)")
            #expect(outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("swiftbox: "))
            for part in wrong.parts { #expect(outcome.errors.contains(part), "\(outcome)") }
        }

        @Test func theCommandItself() throws {
            let bed = try Bed.here
            for words in [[], ["--"], ["-e", "A=1"], ["--", ""]] as [[String]] {
                let outcome = try bed.box(words)
                #expect(outcome.status == 125 && outcome.errors.contains("COMMAND"), "\(outcome)")
            }
            let missing = try bed.box("true", "-m")
            #expect(missing.status == 0, "flags after the command are its own")
            let valueless = try bed.run("-m")
            #expect(valueless.status == 125 && valueless.errors.contains("'-m'"), "\(valueless)")
        }

        @Test func theRootFileSystem() throws {
            let bed = try Bed.here
            let plain = bed.directory + "/plain"
            try bed.write("", to: plain)
            for (words, part) in [
                (["--rootfs", "/nothing/here"], "/nothing/here"), (["--rootfs", plain], "is no directory"),
                (["--rootfs", "/"], "host's own root"), (["--rootfs", ""], "--rootfs"),
                (["--bundle", "/nothing"], "/nothing/config.json"), (["--bundle", plain], "config.json"),
                (["--layer", "/etc"], "lies below a --rootfs"),
                (["--root", plain, "--rootfs", try bed.rootfs()], "state"),
            ] {
                let line = [try Bed.binary("swiftbox"), "run"] + words + (words[0] == "--bundle" ? [] : ["true"])
                let outcome = try Command(line).start(in: bed).wait()
                #expect(outcome.status == 125 && outcome.errors.contains(part), "\(words) \(outcome)")
            }
        }

        /// CVE-2019-19921 and its kin: the kernel's file systems must not land behind a link.
        @Test(arguments: ["dev", "proc", "sys"], ["/etc", "/nowhere/dangling", "../../outside", "file"])
        func aLinkInThePlaceOfAKernelDirectory(name: String, target: String) throws {
            let bed = try Bed.here
            let rootfs = try bed.rootfs()
            let path = rootfs + "/" + name
            #expect(rmdir(path) == 0)
            if target == "file" { try bed.write("", to: path) } else { #expect(symlink(target, path) == 0) }
            for flags in [[], ["--userns", "auto"], ["--read-only"]] {
                let outcome = try bed.box(flags + ["true"])
                #expect(outcome.status == 125, "\(outcome)")
                #expect(
                    outcome.errors.contains("--rootfs \(rootfs): /\(name) of the root file system"), "\(outcome)")
                #expect(
                    outcome.errors.contains(target == "file" ? "found: it is a file" : "found: it is a symbolic link"))
            }
        }

        /// The same in a layer below, and in the upper directory, where a box itself can have put it.
        @Test(arguments: ["--layer", "--upper"])
        func aLinkInAnotherLayer(flag: String) throws {
            let bed = try Bed.here
            let outcome = try bed.shell(
                "mkdir other; ln -s /etc other/proc; rmdir rootfs/proc; $BOX \(flag) other sh -c 'ls -d /proc/self'")
            #expect(outcome.status == 125 && outcome.errors.contains("\(flag)"), "\(outcome)")
        }
    }
}
