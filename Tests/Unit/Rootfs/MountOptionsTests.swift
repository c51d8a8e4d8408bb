import BoxOCI
import BoxRootfs
import BoxSystem
import Testing

@Suite struct MountOptionsTests {
    private func parse(_ options: String..., type: String? = "tmpfs") throws(BoxError) -> MountOptions {
        try MountOptions.parse(options, type: type, field: "mounts[2]")
    }

    @Test func flagsBecomeAttributesAndTheLastOneWins() throws {
        let options = try parse("nosuid", "noexec", "exec", "ro")
        #expect(options.set == [.noSuid, .readOnly])
        #expect(options.clear == [.noExec])
        #expect(options.data.isEmpty)
    }

    @Test func recursiveFlagsAndPropagationAreKeptApart() throws {
        let options = try parse("rbind", "rro", "rnosuid", "rslave", "relatime", type: "bind")
        #expect(options.bind == .recursive)
        #expect(options.recursiveSet == [.readOnly, .noSuid] && options.set.isEmpty)
        #expect(options.propagation == [.init(kind: .slave, recursive: true)])
    }

    @Test func theRestIsForTheFileSystem() throws {
        let options = try parse("size=64k", "mode=1777", "lazytime", "context=a=b")
        #expect(
            options.data.map { "\($0.key)|\($0.value ?? "-")" } == [
                "size|64k", "mode|1777", "lazytime|-", "context|a=b",
            ])
    }

    @Test func dataOfABindMeansNothingAndIsRefused() throws {
        let error = #expect(throws: BoxError.self) { try parse("bind", "size=1m", type: nil) }
        #expect(error?.field == "mounts[2].options" && error?.kind == .invalidSpec)
    }

    @Test func ofTheAccessTimesTheLastOneCounts() throws {
        #expect(try parse("strictatime", "noatime").set == [.noAccessTime])
        #expect(try parse("noatime", "relatime").set == [])
        #expect(try parse("rnoatime", "rstrictatime").recursiveSet == [.strictAccessTime])
    }

    /// A bind cannot change the file system; to name what is off already is no request.
    @Test func flagsOfTheFileSystemAreNotForABind() throws {
        let options = try parse("bind", "async", "nolazytime", "nomand", "noiversion", "loud", "silent", type: nil)
        #expect(options.data.isEmpty && options.mountFlags == 0)
        for option in ["iversion", "lazytime", "sync", "dirsync", "mand"] {
            let error = #expect(throws: BoxError.self) { try parse("rbind", option, type: nil) }
            #expect(error?.message.hasPrefix(option) == true && error?.field == "mounts[2].options")
        }
    }

    @Test func whatIsOurOwnDoesNotReachTheFileSystem() throws {
        let options = try parse("tmpcopyup", "silent", "iversion", "defaults", "remount", "unknown")
        #expect(options.copiesUp && options.remounts && options.mountFlags == 1 << 15 | 1 << 23)
        #expect(options.data == [.init(key: "unknown", value: nil)])
        #expect(try parse("silent", "loud").mountFlags == 0)
        #expect(try parse("bind", "ridmap", type: nil).idMap == .recursive)
        let error = #expect(throws: BoxError.self) { try parse("tmpcopyup", type: "proc") }
        #expect(error?.field == "mounts[2].options")
    }
}

@Suite struct IDMapTests {
    @Test func rootIsTheMappingOfZero() {
        let map = IDMap(
            users: [.init(containerID: 0, hostID: 1000, size: 1), .init(containerID: 1, hostID: 100_000, size: 10)],
            groups: [.init(containerID: 0, hostID: 5, size: 1)])
        #expect(map.rootUser == 1000 && map.rootGroup == 5)
        #expect(IDMap(users: [.init(containerID: 1, hostID: 7, size: 1)], groups: []).rootUser == 65534)
    }
}
