import BoxOCI
import BoxSystem
import Testing

@testable import BoxCgroup

/// Making and removing, on a directory that stands for the cgroup2 mount: the order of calls needs no kernel for it.
@Suite struct CgroupPathTests {
    private func withMount(_ body: (CgroupHost, String) throws -> Void) throws {
        let name = try Kernel.randomBytes(8).map { String($0, radix: 16) }.joined()
        let mount = "/tmp/swiftbox-cgroup-\(name)"
        try File.makeDirectory(mount, mode: 0o700)
        var host = CgroupHost()
        host.mountPoint = mount
        do {
            try body(host, mount)
        } catch {
            Issue.record(error)
        }
        try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
            try File.remove(mount + "/cgroup.subtree_control")
        }
        // Fails, and with it the test, when anything was left behind.
        try File.remove(mount, directory: true)
    }

    private func refusal(_ body: () throws(BoxError) -> Void) -> BoxError? {
        do throws(BoxError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func missingParentsAreMadeAndRemoved() throws {
        try withMount { host, mount in
            let cgroup = try Cgroup.create(path: "/a/b//c/", host: host, controllers: [])
            #expect(cgroup == Cgroup(mountPoint: mount, path: "/a/b/c", made: ["/a", "/a/b", "/a/b/c"]))
            #expect(File.exists(mount + "/a/b/c"))
            try cgroup.openDirectory().close()
            try cgroup.remove()
            #expect(!File.exists(mount + "/a"))
            // Twice is once.
            try cgroup.remove()
            try cgroup.destroy()
        }
    }

    @Test func whatWasThereBeforeStays() throws {
        try withMount { host, mount in
            try File.makeDirectory(mount + "/a", mode: 0o755)
            let cgroup = try Cgroup.create(path: "/a/b", host: host, controllers: [])
            #expect(cgroup.made == ["/a/b"])
            try cgroup.remove()
            #expect(File.exists(mount + "/a"))
            try File.remove(mount + "/a", directory: true)
        }
    }

    @Test func whatIsBelowIsRemovedToo() throws {
        try withMount { host, mount in
            let cgroup = try Cgroup.create(path: "/box", host: host, controllers: [])
            for path in ["/box/x", "/box/x/y", "/box/z"] { try File.makeDirectory(mount + path, mode: 0o755) }
            do throws(BoxError) {
                try cgroup.remove()
            } catch {
                // Other file systems than cgroup2 say ENOTEMPTY where it says EBUSY.
                #expect(error.errno == .directoryNotEmpty)
            }
            for path in ["/box/x/y", "/box/x", "/box/z", "/box"] where File.exists(mount + path) {
                try File.remove(mount + path, directory: true)
            }
        }
    }

    @Test func anExistingCgroupIsRefusedUnlessAllowed() throws {
        try withMount { host, mount in
            try File.makeDirectory(mount + "/a", mode: 0o755)
            let error = refusal { () throws(BoxError) in
                _ = try Cgroup.create(path: "/a", host: host, controllers: [])
            }
            #expect(error?.kind == .alreadyExists)
            #expect(error?.message == "cgroup /a exists already")
            let joined = try Cgroup.create(path: "/a", host: host, controllers: [], allowExisting: true)
            #expect(joined.made == [])
            try joined.destroy()
            #expect(File.exists(mount + "/a"))
            try File.remove(mount + "/a", directory: true)
        }
    }

    @Test func aFailureHalfWayLeavesNothing() throws {
        try withMount { host, mount in
            let file = try File.open(
                mount + "/cgroup.subtree_control", FileFlags.create | FileFlags.writeOnly, mode: 0o600)
            try File.write(Array("cpu\n".utf8), to: file.raw)
            try file.close()
            let error = refusal { () throws(BoxError) in
                _ = try Cgroup.create(path: "/a/b", host: host, controllers: ["cpu"])
            }
            #expect(
                error?.description == "cannot read cgroup.subtree_control of cgroup /a: No such file or directory")
            #expect(!File.exists(mount + "/a"))
        }
    }

    @Test func noLinkLeadsOut() throws {
        try withMount { host, mount in
            try File.makeLink(mount + "/out", to: "/tmp", at: FileFlags.currentDirectory)
            let error = refusal { () throws(BoxError) in
                _ = try Cgroup.create(path: "/out/swiftbox-x", host: host, controllers: [])
            }
            #expect(error?.message == "cannot open cgroup /out")
            #expect(!File.exists("/tmp/swiftbox-x"))
            try File.remove(mount + "/out")
        }
    }

    @Test(arguments: ["", "/", "a", "a/b", "/..", "/a/../b", "/.", "/a/./b", "/a\n", "/a\0b"])
    func unsoundPathsAreRefused(path: String) {
        var host = CgroupHost()
        host.mountPoint = "/nonexistent"
        let error = refusal { () throws(BoxError) in _ = try Cgroup.create(path: path, host: host, controllers: []) }
        #expect(error?.kind == .invalidSpec)
        #expect(error?.field == "linux.cgroupsPath")
        #expect(error?.found == "\"\(path)\"")
    }

    @Test func withoutAHierarchyThereIsNoCgroup() {
        let error = refusal { () throws(BoxError) in
            _ = try Cgroup.create(path: "/a", host: CgroupHost(), controllers: [])
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.remedy == "mount -t cgroup2 none /sys/fs/cgroup")
    }

    @Test func countersAreReadLineByLine() {
        let text = "low 0\nhigh 3\nmax 18446744073709551615\n\noom_kill 2\nodd 1 2\nnegative -1\nword x\nalone\n"
        let values = Cgroup.flatKeyed(Array(text.utf8))
        #expect(values.map(\.key) == ["low", "high", "max", "oom_kill"])
        #expect(values.map(\.value) == [0, 3, .max, 2])
    }

    @Test func figuresThatAreNotThereAreNil() throws {
        try withMount { _, mount in
            let directory = try File.open(mount, FileFlags.readOnly | FileFlags.directory)
            let counters = try Cgroup.counters(directory.raw)
            #expect(counters == CgroupCounters())
            try directory.close()
        }
    }
}
