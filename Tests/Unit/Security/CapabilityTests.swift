import BoxOCI
import BoxSecurity
import Testing

@Suite struct CapabilityTests {
    @Test(arguments: ["CAP_SYS_ADMIN", "cap_sys_admin", "SYS_ADMIN", "sys_Admin"])
    func namesAreReadAsPeopleWriteThem(_ name: String) {
        #expect(CapabilitySet(name: name) == .sysAdmin)
    }

    @Test(arguments: ["", "CAP_", "21", "cap_21", "NO_SUCH", "SYS_ADMIN ", "CAP_CAP_SYS_ADMIN", "sys_admin,kill"])
    func otherNamesAreUnknown(_ name: String) {
        #expect(CapabilitySet(name: name) == nil)
    }

    @Test func allIsEverything() {
        #expect(CapabilitySet(name: "ALL") == .all)
        #expect(CapabilitySet.all.rawValue == 1 << 41 - 1)
    }

    @Test func everyNumberHasANameThatLeadsBack() {
        for name in CapabilitySet.all.names { #expect(CapabilitySet(name: name)?.names == [name]) }
        #expect(CapabilitySet.all.names.count == 41)
    }

    @Test func theDefaultsAreDockersAndDockersWithoutMknod() {
        #expect(CapabilitySet.docker.rawValue == 0xa804_25fb)
        #expect(CapabilitySet.swiftboxDefault.rawValue == 0xa004_25fb)
    }

    @Test func setsBecomeBits() throws {
        var sets = CapabilitySets()
        sets.bounding = ["CAP_CHOWN", "CAP_KILL"]
        sets.permitted = ["CAP_CHOWN", "CAP_KILL"]
        sets.effective = ["CAP_CHOWN"]
        sets.inheritable = ["CAP_KILL"]
        sets.ambient = ["CAP_KILL"]
        let plan = try CapabilityPlan(sets, kernel: .all)
        #expect(plan.bounding.rawValue == 0x21)
        #expect(plan.permitted.rawValue == 0x21)
        #expect(plan.effective.rawValue == 0x01)
        #expect(plan.inheritable.rawValue == 0x20)
        #expect(plan.ambient.rawValue == 0x20)
        #expect(plan.unknown == [])
    }

    @Test func whatTheKernelDoesNotKnowIsListedOnce() throws {
        var sets = CapabilitySets()
        sets.bounding = ["CAP_CHOWN", "CAP_BPF", "CAP_FUTURE"]
        sets.permitted = ["CAP_BPF", "CAP_FUTURE"]
        sets.effective = ["CAP_BPF"]
        let plan = try CapabilityPlan(sets, kernel: CapabilitySet(rawValue: 1 << 38 - 1))
        #expect(plan.unknown == ["CAP_BPF", "CAP_FUTURE"])
        #expect(plan.bounding.names == ["CAP_CHOWN"])
        #expect(plan.effective == [])
    }

    @Test func combinationsTheKernelRefusesAreRefusedFirst() throws {
        let faults: [(String, (inout CapabilitySets) -> Void)] = [
            ("effective", { $0.effective = ["CAP_KILL"] }),
            (
                "ambient",
                {
                    $0.inheritable = ["CAP_KILL"]; $0.ambient = ["CAP_KILL"]
                }
            ),
        ]
        for (field, change) in faults {
            var sets = CapabilitySets()
            change(&sets)
            let error = try #require(throws: BoxError.self) { _ = try CapabilityPlan(sets, kernel: .all) }
            #expect(error.kind == .invalidSpec)
            #expect(error.field == "process.capabilities.\(field)")
            #expect(error.message.contains("CAP_KILL"))
        }
    }

    @Test func anAmbientOneThatIsNotInheritableIsLeftOutAndNamed() throws {
        var sets = CapabilitySets()
        sets.permitted = ["CAP_KILL", "CAP_CHOWN"]
        sets.inheritable = ["CAP_CHOWN"]
        sets.ambient = ["CAP_KILL", "CAP_CHOWN"]
        let plan = try CapabilityPlan(sets, kernel: .all)
        #expect(plan.ineffective == ["CAP_KILL"])
        #expect(plan.ambient.names == ["CAP_CHOWN"])
    }
}
