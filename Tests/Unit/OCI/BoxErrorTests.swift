import BoxDocument
import BoxOCI
import BoxSystem
import Testing

@Suite struct BoxErrorTests {
    private let whole = BoxError(
        .unsupported, "cannot apply --pids-limit 64", field: "--pids-limit 64", errno: .permissionDenied,
        position: Position(line: 3, column: 7), found: "pids is bound to cgroup v1", remedy: "boot otherwise")

    @Test func anErrorHasALineEachForCauseAndRemedy() {
        #expect(
            whole.description == """
                line 3, column 7: cannot apply --pids-limit 64: Permission denied
                  found: pids is bound to cgroup v1
                  try:   boot otherwise
                """)
    }

    @Test func aWarningHasOneLine() {
        #expect(
            whole.oneLine
                == "line 3, column 7: cannot apply --pids-limit 64: Permission denied (pids is bound to cgroup v1)")
        #expect(BoxError(.kernel, "no", remedy: "b").oneLine == "no")
    }

    @Test func theFieldStandsInFrontUnlessTheMessageNamesIt() {
        #expect(BoxError(.kernel, "is wrong", field: "root.path").description == "root.path: is wrong")
        #expect(BoxError(.kernel, "root.path is wrong", field: "root.path").description == "root.path is wrong")
    }

    /// What was typed for a list stands for its elements, what was typed for an element only for that one.
    @Test(arguments: [
        ("mounts[1].source", "--volume a:b"), ("mounts[10]", nil), ("linux.uidMappings[0].size", "--userns 1:1:1"),
        ("linux.uidMappingsX", nil), ("linux.resources.unified.cpu.max.burst", "--cgroup cpu.max.burst=1"),
    ])
    func flagsStandForWhatTheFieldHolds(_ field: String, _ flag: String?) {
        var box = BoxExtension()
        box.flags = [
            Pair("mounts[1]", "--volume a:b"), Pair("linux.uidMappings", "--userns 1:1:1"),
            Pair("linux.resources.unified.cpu.max", "--cgroup cpu.max=1"),
            Pair("linux.resources.unified.cpu.max.burst", "--cgroup cpu.max.burst=1"),
        ]
        #expect(box.flag(for: field) == flag)
        #expect(box.namingFlag(BoxError(.kernel, "x", field: field)).field == flag ?? field)
    }
}
