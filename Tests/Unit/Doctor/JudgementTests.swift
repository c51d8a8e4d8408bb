import BoxCgroup
import BoxDoctor
import BoxSecurity
import Testing

/// Hosts that are made up, and what doctor says of them.
@Suite struct JudgementTests {
    private func good() -> Facts {
        var facts = Facts()
        facts.cgroup.mountPoint = "/sys/fs/cgroup"
        facts.cgroup.controllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"]
        facts.namespaces = ["mount", "pid", "ipc", "uts", "net", "user", "cgroup", "time"].map { ($0, true) }
        facts.hasOverlay = true
        facts.canMapRootIDs = true
        facts.seccompActions = "kill_process errno user_notif trace log allow"
        facts.clocksource = "tsc"
        facts.driftPPM = 12
        facts.capabilities = .ofKernel()
        return facts
    }

    private func judge(_ change: (inout Facts) -> Void) -> [String: Finding] {
        var facts = good()
        change(&facts)
        return Dictionary(Judgement.findings(facts).map { ($0.id, $0) }) { first, _ in first }
    }

    @Test func aGoodHostHasNothingToMend() {
        let findings = Judgement.findings(good())
        #expect(findings.allSatisfy { $0.status == .ok && $0.remedy == nil }, "\(findings)")
    }

    @Test func aHybridHostIsExplained() {
        let found = judge {
            $0.cgroup.mountPoint = "/sys/fs/cgroup/unified"
            $0.cgroup.controllers = ["hugetlb"]
            $0.cgroup.v1Controllers = ["cpu", "memory", "pids", "blkio"]
        }
        #expect(found["cgroup"]?.found.hasPrefix("hybrid: v2 at /sys/fs/cgroup/unified") == true)
        for controller in ["memory", "pids", "io"] {
            #expect(found["cgroup.\(controller)"]?.status == .warn, "\(controller)")
            #expect(found["cgroup.\(controller)"]?.found.contains("bound to cgroup v1") == true)
            #expect(found["cgroup.\(controller)"]?.remedy?.contains("unified_cgroup_hierarchy") == true)
        }
        #expect(found["cgroup.cpuset"]?.remedy?.contains("delegated") == true)
        #expect(found["cgroup.controllers"]?.found == "can limit: hugetlb")
    }

    @Test func withoutCgroupsBoxesStillRun() {
        let found = judge { $0.cgroup = CgroupHost() }
        #expect(found["cgroup"]?.status == .warn && found["cgroup"]?.affects?.contains("all limits") == true)
    }

    @Test func aContainerWithoutTheRightsIsFatal() {
        let found = judge {
            $0.container = "/.dockerenv"
            $0.capabilities = CapabilitySet(name: "CAP_CHOWN") ?? []
        }
        #expect(found["container"]?.status == .fail && found["container"]?.remedy?.contains("SYS_ADMIN") == true)
        #expect(found["capabilities"]?.status == .fail)
        #expect(judge { $0.container = "/.dockerenv" }["container"]?.status == .ok)
    }

    @Test func capSysResourceIsNamedForWhatItIsFor() {
        let found = judge { $0.capabilities.subtract(CapabilitySet(name: "CAP_SYS_RESOURCE") ?? []) }
        #expect(found["capabilities"]?.status == .warn && found["capabilities"]?.affects?.contains("--ulimit") == true)
    }

    @Test func restrictionsOfUserNamespacesAreNamed() {
        let found = judge {
            $0.maxUserNamespaces = 0
            $0.appArmorRestrictsUserNamespaces = 1
            $0.unprivilegedUserNamespaces = 1
        }
        #expect(found["userns.user.max_user_namespaces"]?.affects?.contains("the default") == true)
        #expect(found["userns.kernel.apparmor_restrict_unprivileged_userns"]?.remedy?.hasSuffix("=0") == true)
        #expect(found["userns.kernel.unprivileged_userns_clone"] == nil && found["userns"] == nil)
    }

    @Test func whatKeepsEveryBoxFromRunningIsFatal() {
        #expect(judge { $0.release = "5.10.0-8" }["kernel"]?.status == .fail)
        #expect(judge { $0.release = "5.15.0" }["kernel"]?.status == .ok)
        #expect(judge { $0.seccompActions = nil }["seccomp"]?.status == .fail)
        #expect(judge { $0.hasOverlay = false }["overlay"]?.status == .fail)
        #expect(judge { $0.namespaces[1].works = false }["namespaces"]?.status == .fail)
        #expect(judge { $0.namespaces[7].works = false }["namespaces"]?.status == .warn)
    }

    @Test func anOrdinaryUserIsToldWhatIsMissing() {
        let found = judge {
            $0.userID = 1000
            $0.cgroup.isUndelegated = true
        }
        #expect(found["caller"]?.status == .ok && found["capabilities"] == nil)
        #expect(found["ids"]?.remedy?.contains("--add-subuids") == true)
        #expect(found["cgroup.delegation"]?.remedy?.contains("systemd-run --user --scope") == true)
        let cannot = judge {
            $0.userID = 1000
            $0.namespaces[5].works = false
        }
        #expect(cannot["namespaces"]?.status == .fail)
        #expect(judge { ($0.userID, $0.ids) = (1000, 65537) }["ids"]?.found == "a box of yours has 65537 ids")
    }

    @Test func theRestIsAWarning() {
        #expect(judge { $0.canMapRootIDs = false }["idmap"]?.remedy?.contains("--rootfs") == true)
        #expect(judge { $0.clocksource = "hpet" }["clocksource"]?.status == .warn)
        #expect(judge { $0.driftPPM = -900 }["clock.drift"]?.status == .warn)
        #expect(judge { $0.hasPressure = false }["pressure"]?.status == .warn)
        #expect(judge { $0.procIsMasked = true }["proc"]?.status == .warn)
        #expect(judge { $0.leftovers = ["a", "b"] }["leftovers"]?.remedy == "swiftbox doctor --sweep")
    }
}
