import BoxDocument
import Testing

@Suite struct LookupTests {
    private let text = """
        {"linux": {"pids": {"limit": 1},
          "sysctl": {"net": "a", "net.ipv4": "b"}},
         "mounts": [{}, {"options":
          ["ro", "x"]}]}
        """

    @Test(arguments: [
        ("linux.pids.limit", 1, 30), ("linux.pids", 1, 20), ("linux.pids.other", 1, 20),
        ("linux.pids.limit.deeper", 1, 30),
        ("linux.pidsx", 1, 11), ("mounts", 3, 12), ("mounts[1]", 3, 17), ("mounts[1].options[1]", 4, 10),
        ("mounts[2].options", 3, 12), ("mounts[x]", 3, 12), ("mounts[", 3, 12), ("mounts[-1]", 3, 12),
        ("nothing", 1, 1), ("", 1, 1),
        ("linux.sysctl.net", 2, 21), ("linux.sysctl.net.ipv4", 2, 38), ("linux.sysctl.net.ipv6", 2, 21),
    ])
    func nearestPosition(_ path: String, _ line: Int, _ column: Int) throws {
        let node = try JSON.parse(Array(text.utf8))
        #expect(node.position(of: path) == Position(line: line, column: column))
    }

    @Test func subscriptFindsMembersOfObjectsOnly() throws {
        let node = try JSON.parse(Array(text.utf8))
        #expect(node["linux"]?["pids"]?["limit"]?.value == .integer(1))
        #expect(node["mounts"]?["options"] == nil)
        #expect(node["Linux"] == nil)
    }

    @Test func equalityIgnoresPositions() {
        #expect(Node(.null, at: Position(line: 1, column: 1)) == Node(.null, at: Position(line: 2, column: 2)))
        #expect(Member("a", Node(.null)) != Member("b", Node(.null)))
    }
}
