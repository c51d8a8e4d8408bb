import TestBed
import Testing

extension HostBed {
    /// What `checkpoint` and `restore` refuse, before criu has anything to do. What criu does is the guest's.
    @Suite struct Checkpoint {
        private func runtime(_ words: [String], path: String? = nil) throws -> Outcome {
            let bed = try Bed.here
            let environment = path.map { ["PATH": $0] } ?? [:]
            return try Command(
                [Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + words, environment: environment
            ).start(in: bed).wait()
        }

        @Test func withoutCriuItIsSaid() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            for words in [["checkpoint", "box"], ["restore", "--bundle", bundle, "box"]] {
                let outcome = try runtime(words, path: bed.directory)
                #expect(outcome.status == 1 && outcome.errors.contains("criu, which is not installed"), "\(outcome)")
            }
            #expect(try bed.runtime("state", "box").status == 1)
        }

        @Test(arguments: [
            (["checkpoint"], "needs the id"), (["checkpoint", "--parent-path", "/elsewhere", "box"], "--parent-path"),
            (["checkpoint", "--empty-ns", "pid", "box"], "--empty-ns"),
            (["checkpoint", "--manage-cgroups-mode", "some", "box"], "--manage-cgroups-mode"),
            (["checkpoint", "--page-server", "host", "box"], "--page-server"),
            (["checkpoint", "--status-fd", "77", "box"], "--status-fd"),
            (["checkpoint", "--detach", "box"], "--detach"), (["restore", "--no-pivot", "box"], "--no-pivot"),
            (["restore", "--no-new-keyring", "box"], "--no-new-keyring"),
            (["restore", "--preserve-fds", "1", "box"], "--preserve-fds"),
            (["restore", "--lsm-profile", "name", "box"], "--lsm-profile"),
            (["restore", "--leave-running", "box"], "--leave-running"),
        ])
        func flagsAreRefusedByName(words: [String], name: String) throws {
            let outcome = try runtime(words)
            #expect(outcome.status == 1 && outcome.errors.contains(name), "\(outcome)")
        }

        @Test func onlyABoxThatRunsIsCheckpointed() throws {
            let bed = try Bed.here
            let missing = try runtime(["checkpoint", "nobody"], path: try fakeCriu())
            #expect(missing.status == 1 && missing.errors.contains("does not exist"), "\(missing)")
            let bundle = try bed.makeBundle(Config("true"))
            try #require(bed.runtime("create", "--bundle", bundle, "box").status == 0)
            let created = try runtime(["checkpoint", "box"], path: try fakeCriu())
            #expect(created.status == 1 && created.errors.contains("it is created"), "\(created)")
            try bed.runtime("delete", "--force", "box")
        }

        /// A program of the name that does not talk.
        private func fakeCriu() throws -> String {
            let directory = try Bed.here.newDirectory("programs")
            try Bed.here.write("#!/bin/sh\nexit 3\n", to: directory + "/criu")
            try Bed.here.command("chmod", "755", directory + "/criu")
            return directory
        }

        @Test func aCriuThatDiesIsTold() throws {
            let bed = try Bed.here
            let images = bed.directory + "/images"
            try bed.withBox { box in
                let outcome = try runtime(["checkpoint", "--image-path", images, "box"], path: try fakeCriu())
                #expect(outcome.status == 1 && outcome.errors.contains("criu has died"), "\(outcome)")
                #expect(try box.exec([], "true").status == 0)
            }
        }

        @Test func networkDevicesStayAtHome() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("linux.netDevices", ["nothing": [:] as [String: String]])
            let bundle = try bed.makeBundle(config)
            let outcome = try runtime(["restore", "--bundle", bundle, "box"], path: try fakeCriu())
            #expect(outcome.status == 1 && outcome.errors.contains("linux.netDevices"), "\(outcome)")
        }

        @Test func imagesThatAreNone() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            let images = try bed.newDirectory("images")
            let words = ["restore", "--detach", "--bundle", bundle, "--image-path", images, "box"]
            let empty = try runtime(words, path: try fakeCriu())
            #expect(empty.status == 1 && empty.errors.contains("no checkpoint of a box"), "\(empty)")
            for text in ["", "not criu's", "\u{19}CVT........"] {
                try bed.write(text, to: images + "/pstree.img")
                let broken = try runtime(words, path: try fakeCriu())
                #expect(broken.status == 1 && broken.errors.contains("pstree.img is no image"), "\(broken)")
            }
            #expect(try bed.runtime("state", "box").status == 1)
        }
    }
}
