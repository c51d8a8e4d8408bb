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
        #expect(options.propagation?.kind == .slave && options.propagation?.recursive == true)
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

    @Test(arguments: ["tmpcopyup", "ridmap"]) func whatIsMissingIsNamed(option: String) throws {
        let error = #expect(throws: BoxError.self) { try parse(option) }
        #expect(error?.kind == .unsupported && error?.message.contains(option) == true)
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
