import TestBed
import Testing

extension HostBed {
    /// `policy.host_paths`: what a box may see of the host, against somebody who changes links meanwhile.
    @Suite struct HostPaths {
        /// What swiftbox-runtime does of it: a link is followed first, and judged by where it has come to.
        @Test func theRuntimeLooksWhereItHasCome() throws {
            let bed = try Bed.here
            let shared = try bed.newDirectory("shared/fine")
            try bed.write("fine\n", to: shared + "/file")
            try bed.link(bed.directory + "/shared/in", to: "fine")
            try bed.link(bed.directory + "/shared/out", to: try bed.makeOutside())
            for (source, permitted, isSeen) in [
                ("shared/in", ["shared"], true), ("shared/out", ["shared"], false), ("shared/fine", ["share"], false),
                ("shared/in", ["shared/fine"], true), ("shared/in", [], false), ("outside", ["shared"], false),
            ] {
                var config = try Config("ls", "/x")
                let bind: [String: Any] = [
                    "destination": "/x", "type": "bind", "source": "\(bed.directory)/\(source)", "options": ["bind"],
                ]
                config.set("mounts.+", bind)
                config.set("swiftbox.hostPaths", permitted.map { "\(bed.directory)/\($0)" })
                try bed.command("rm", "-rf", bed.directory + "/bundle")
                let outcome = try bed.runtime("run", "--bundle", try bed.makeBundle(config), "box")
                #expect((outcome.status == 0) == isSeen, "\(source) \(permitted): \(outcome)")
                #expect(isSeen || outcome.errors.contains("Permission denied"), "\(outcome)")
            }
        }

        /// The link leads to a permitted directory and elsewhere by turns; whatever is mounted is never the other.
        @Test func aLinkThatTurnsShowsNothingElse() throws {
            let bed = try Bed.here
            let shared = try bed.newDirectory("shared/fine")
            try bed.write("fine\n", to: shared + "/file")
            let outside = try bed.makeOutside()
            try bed.write("outside\n", to: outside + "/file")
            try ServedDaemon.with("policy: {host_paths: [\(bed.directory)/shared]}") { daemon in
                let link = bed.directory + "/shared/link"
                let denied = try daemon.dockerRun("-v", "\(outside):/m", "box", "cat", "/m/file")
                #expect(denied.status == 125 && denied.errors.contains("allow host_paths"), "\(denied)")
                try bed.link(link, to: outside)
                let linked = try daemon.dockerRun("-v", "\(link):/m", "box", "cat", "/m/file")
                #expect(linked.status == 125 && linked.errors.contains("allow host_paths"), "\(linked)")
                let turning = try daemon.start(
                    "sh", "-c",
                    "cd '\(bed.directory)/shared'; while :; do ln -sfn fine next; mv -T next link; "
                        + "ln -sfn '\(outside)' next; mv -T next link; done")
                var seen: Set<String> = []
                for _ in 0..<20 {
                    let run = try daemon.dockerRun("-v", "\(link):/m", "box", "cat", "/m/file")
                    seen.insert(run.output)
                }
                turning.signal(9)
                try turning.wait()
                #expect(seen.isSubset(of: ["", "fine\n"]), "\(seen)")
            }
        }
    }
}
