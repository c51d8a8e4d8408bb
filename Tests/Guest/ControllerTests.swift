import BoxSystem
import Testing

extension GuestBed {
    @Suite struct Controllers {
        /// The guest is worth its time only as long as it has what the host lacks.
        @Test(arguments: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"])
        func isOfferedByTheGuest(controller: String) throws {
            let offered = try File.text(of: "/sys/fs/cgroup/cgroup.subtree_control").split { $0.isWhitespace }
            #expect(offered.contains(Substring(controller)))
        }
    }
}
