import Foundation
import TestBed
import Testing

extension HostBed {
    /// Boxes described by a file, through the real program.
    @Suite struct SpecFiles {
        private func write(_ text: String, _ bed: Bed) throws -> String {
            let path = bed.directory + "/box.yaml"
            try bed.write(text, to: path)
            return path
        }

        @Test func areRunAndOverridden() throws {
            let bed = try Bed.here
            let file = try write(
                "rootfs: \(try bed.rootfs())\ncommand: [sh, -c, 'echo $A $B; id -u']\nenvironment: {A: 1, B: 1}\nuser: 7\n",
                bed)
            let plain = try bed.run("-f", file)
            #expect(plain.status == 0 && plain.output == "1 1\n7\n", "\(plain)")
            let changed = try bed.run("-f", file, "-e", "B=2", "-u", "8")
            #expect(changed.output == "1 2\n8\n", "\(changed)")
            #expect(try bed.run("-f", file, "--", "echo", "other").output == "other\n")
        }

        /// Paths start at the file, wherever the caller is.
        @Test func pathsStartAtTheFile() throws {
            let bed = try Bed.here
            try bed.write("here\n", to: try bed.newDirectory("data") + "/file")
            let file = try write(
                "rootfs: \(try bed.rootfs())\nvolumes: ['./data:/data']\ncopy_out: /data/file:copied\ncommand: cat /data/file\n",
                bed)
            let outcome = try bed.run("-f", file)
            #expect(outcome.status == 0 && outcome.output == "here\n", "\(outcome)")
            #expect(try String(contentsOfFile: bed.directory + "/copied", encoding: .utf8) == "here\n")
        }

        @Test func aFaultIsShownWithItsPlace() throws {
            let bed = try Bed.here
            let file = try write("command: [true]\nmem_limit: 12q\nvolumes: [/nowhere:/x]\n", bed)
            let outcome = try bed.run("-f", file)
            #expect(
                outcome.status == 125 && outcome.errors.contains("\(file):2:12: mem_limit 12q: is not a size"),
                "\(outcome)")
            let late = try bed.run(
                "-f", try write("rootfs: \(try bed.rootfs())\ncommand: [true]\nvolumes: [/nowhere:/x]\n", bed))
            #expect(late.status == 125 && late.errors.contains("\(file):3:11: volumes[0]"), "\(late)")
        }

        @Test func checkSaysAllAndItsStatus() throws {
            let bed = try Bed.here
            let program = try Bed.binary("swiftbox")
            let file = try write("comand: [true]\ncpus: many\n", bed)
            let broken = try bed.command(program, "spec", "check", file)
            #expect(broken.status == 1 && broken.output.contains("\(file):1:1: \"comand\" is no key"), "\(broken)")
            #expect(broken.output.contains("did you mean command?") && broken.output.contains("\(file):2:7: cpus many"))
            let sarif = try bed.command(program, "spec", "check", "--format", "sarif", file)
            let log = try JSONSerialization.jsonObject(with: Data(sarif.output.utf8)) as? [String: Any]
            let runs = try #require(log?["runs"] as? [[String: Any]])
            #expect((runs.first?["results"] as? [Any])?.count == 2 && sarif.status == 1)
            let good = try bed.command(program, "spec", "check", try write("cpus: 1\n", bed))
            #expect(good.status == 0 && good.output == "\(file): ok\n", "\(good)")
            #expect(try bed.command(program, "spec", "check", bed.directory + "/none").status == 125)
        }

        @Test func showsTheConfigurationAndConverts() throws {
            let bed = try Bed.here
            let program = try Bed.binary("swiftbox")
            let file = try write("command: [make]\nuser: 7\n", bed)
            let shown = try bed.command(program, "spec", "show", file, "-u", "9")
            #expect(try bed.command(program, "spec", "show", "-f", file).output.contains("\"uid\": 7"))
            #expect(shown.output.contains("\"uid\": 9"), "\(shown)")
            let config = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
            #expect((config?["process"] as? [String: Any])?["args"] as? [String] == ["make"], "\(shown)")
            let made = try bed.command(
                program, "spec", "convert", "--", "docker", "run", "-p", "1:1", "-m", "1g", "x", "y")
            #expect(made.status == 0 && made.output.contains("# left out: -p 1:1: "), "\(made)")
            #expect(
                made.errors.contains("left out: image x") && made.output.contains("mem_limit: \"1g\"")
                    || made.output.contains("mem_limit: 1g"))
        }
    }
}
