import BoxDocument
import BoxOCI
import BoxRuntime
import Testing

@Suite struct StarterSpecTests {
    @Test(arguments: [nil, (1000, 100)] as [(UInt32, UInt32)?])
    func isAValidConfig(ids: (UInt32, UInt32)?) throws {
        let spec = Spec.starter(rootless: ids.map { (user: $0.0, group: $0.1) })
        #expect(try Spec.read(json: JSON.write(spec.document, pretty: true)) == spec)
        #expect(spec.process?.args == ["sh"] && spec.process?.terminal == true && spec.root?.readonly == true)
        #expect(spec.process?.noNewPrivileges == true)
        #expect(spec.mounts.last?.destination == "/sys/fs/cgroup" && spec.mounts.last?.options.contains("ro") == true)
    }

    @Test func rootlessMapsWhoAsksAndSetsNoDeviceRules() {
        let spec = Spec.starter(rootless: (user: 1000, group: 100))
        #expect(spec.linux.uidMappings == [IDMapping(containerID: 0, hostID: 1000, size: 1)])
        #expect(spec.linux.gidMappings == [IDMapping(containerID: 0, hostID: 100, size: 1)])
        #expect(spec.linux.namespace(.user) != nil && spec.linux.namespace(.network) == nil)
        #expect(spec.linux.resources == Resources())
        #expect(!spec.mounts.contains { $0.options.contains("gid=5") })
    }
}
