import Foundation
import TestBed
import Testing

extension HostBed {
    /// What boxes have on the disk: how large it is, and that it goes.
    @Suite struct BoxFolders {
        private func names(_ path: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: path)
        }

        /// A folder that is removed is gone under its name at once, and altogether later, if need be by the next daemon.
        @Test func areRemovedToTheirEnd() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let boxes = daemon.root + "/boxes"
            let id = try daemon.startBox(
                DaemonLife.box("for i in 1 2 3; do mkdir /tmp/$i; echo >/tmp/$i/f; done"), name: "b")
            #expect(try poll(10) { try daemon.state(id)["Running"] as? Bool == false })
            #expect(try daemon.request("DELETE", "/containers/b").status == 204)
            #expect(try !names(boxes).contains(id))
            #expect(try poll(10) { try names(boxes).isEmpty })
            try daemon.kill()
            _ = try bed.newDirectory("root/boxes/.removing-\(id)/upper/deep")
            try daemon.start()
            #expect(try poll(10) { try names(boxes).isEmpty })
            try daemon.end()
        }

        /// A box can say that its files are larger than all disks: a sum must not end the daemon.
        @Test func areMeasuredWhateverTheySay() throws {
            try ServedDaemon.with { daemon in
                let made = try daemon.docker(
                    "run", "--name", "huge", "--network", "none", "box", "sh", "-c",
                    "echo 12345 >/five; ln -s / /tmp/l; i=0; while [ $i -lt 20 ]; do "
                        + "dd of=/tmp/$i bs=1 count=0 seek=4611686018427387904 2>/dev/null; i=$((i + 1)); done; true")
                #expect(made.status == 0, "\(made)")
                let sizes = try daemon.docker("inspect", "-s", "-f", "{{.SizeRw}} {{.SizeRootFs}}", "huge")
                let numbers = sizes.output.split { $0 == " " || $0 == "\n" }.compactMap { Int64($0) }
                #expect(numbers.count == 2 && numbers[0] >= 6 && numbers[1] > numbers[0], "\(sizes)")
                #expect(try daemon.docker("ps", "-as").status == 0)
                #expect(try daemon.docker("system", "df").status == 0)
                #expect(try daemon.docker("container", "prune", "-f").status == 0)
            }
        }
    }
}
