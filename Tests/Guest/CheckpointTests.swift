import BoxSystem
import Foundation
import TestBed
import Testing

extension GuestBed {
    /// `checkpoint` and `restore` by criu. Standard streams are files here, which criu wants as long as they were: so the
    /// boxes write elsewhere.
    @Suite struct Checkpoint {
        /// The file is written over, never emptied: a checkpoint may come at any moment, and the number is read after it.
        private static let counter =
            "n=0; while :; do n=$((n+1)); printf '%08d\\n' $n 1<>/count; sleep 0.1; done"

        private struct Counting {
            let bed: Bed
            let bundle: String
            var images: String { bed.directory + "/images" }

            init(_ bed: Bed, _ config: Config) throws {
                self.bed = bed
                bundle = try bed.makeBundle(config)
            }

            /// Before the first number is written there is none.
            func count() throws -> Int {
                let file = bundle + "/rootfs/count"
                var number: Int?
                _ = try poll(60) {
                    if File.exists(file) { number = Int(try File.text(of: file).dropLast()) }
                    return number != nil
                }
                return try #require(number)
            }

            func isCounting() throws -> Bool {
                let before = try count()
                return try poll(60) { try count() > before }
            }

            func succeed(_ outcome: Outcome, at location: SourceLocation = #_sourceLocation) throws {
                try #require(outcome.status == 0, "\(outcome)", sourceLocation: location)
            }
        }

        @Test func aBoxGoesOnWhereItWas() throws {
            let bed = try Bed.here
            var config = try Config("/bin/sh", "-c", Self.counter)
            config.set("linux.resources.pids.limit", 50)
            let box = try Counting(bed, config)
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            #expect(try box.isCounting())
            let first = bed.directory + "/first"
            try box.succeed(bed.runtime("checkpoint", "--image-path", first, "--leave-running", "one"))
            #expect(try box.isCounting())
            #expect(try bed.runtime("state", "one").output.contains(#""status": "running""#))
            // criu's log of before may be a link to anywhere.
            try bed.write("kept\n", to: bed.directory + "/canary")
            try File.makeDirectory(box.images, mode: 0o755)
            for log in ["dump.log", "restore.log"] {
                try File.makeLink("\(box.images)/\(log)", to: bed.directory + "/canary", at: FileFlags.currentDirectory)
            }
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images, "one"))
            let gone = try bed.runtime("state", "one")
            #expect(gone.status == 1 && gone.errors.contains("does not exist"), "\(gone)")
            #expect(!File.exists(Cgroups.top + "/swiftbox-one"))
            let last = try box.count()

            let pidFile = bed.directory + "/pid"
            let flags = ["--detach", "--pid-file", pidFile, "--image-path", box.images, "--bundle", box.bundle]
            let restore = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "restore"] + flags + ["two"]
            try box.succeed(Command(restore).start(in: bed).wait())
            #expect(try box.isCounting())
            #expect(try box.count() > last && box.count() < last + 200)
            let state = try bed.runtime("state", "two").output
            let pid = try File.text(of: pidFile)
            #expect(state.contains(#""status": "running""#) && state.contains("\"pid\": \(pid),"), "\(state)")
            // The first one's cgroup is not this one's.
            #expect(try Cgroups.words("swiftbox-two/cgroup.procs").contains(pid))
            #expect(try Cgroups.words("swiftbox-two/pids.max") == ["50"])
            let seen = try bed.runtime("exec", "two", "sh", "-c", "cat /proc/1/cgroup; ls -ld /sys/kernel /bin/sh")
            #expect(seen.status == 0 && seen.output.hasPrefix("0::/\n"), "\(seen)")
            #expect(try File.text(of: bed.directory + "/canary") == "kept\n")
            let again = try Command(restore).start(in: bed).wait()
            #expect(again.status == 1 && again.errors.contains("in use"), "\(again)")
            try box.succeed(bed.runtime("delete", "--force", "two"))
        }

        /// Half of the time the shell has a file of the box in the place of its standard output.
        @Test func aStreamThatIsElsewhereForAMomentIsFound() throws {
            let bed = try Bed.here
            let script = "n=0; while :; do n=$((n+1)); { printf '%08d\n' $n; sleep 0.03; } 1<>/count; sleep 0.03; done"
            let box = try Counting(bed, Config("/bin/sh", "-c", script))
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            #expect(try box.isCounting())
            for number in 1...4 {
                let images = box.images + "-\(number)"
                try box.succeed(bed.runtime("checkpoint", "--image-path", images, "--leave-running", "one"))
            }
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images, "one"))
            try restored(box, box.images, "two")
            try box.succeed(bed.runtime("delete", "--force", "two"))
        }

        @Test func aForegroundBoxEndsInTheForeground() throws {
            let bed = try Bed.here
            let box = try Counting(
                bed, Config("/bin/sh", "-c", "echo 1 >/count; while [ ! -e /go ]; do sleep 0.1; done; exit 7"))
            let runtime = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot]
            let running = try Command(runtime + ["run", "--bundle", box.bundle, "one"]).start(in: bed)
            _ = try box.count()
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images, "one"))
            #expect(try running.wait().status == 137)
            let flags = ["restore", "--image-path", box.images, "--bundle", box.bundle]
            // The kernel would end it with the runtime.
            let detached = try Command(runtime + flags + ["--detach", "one"]).start(in: bed).wait()
            #expect(detached.status == 1 && detached.errors.contains("--detach"), "\(detached)")
            let restored = try Command(runtime + flags + ["one"]).start(in: bed)
            #expect(
                try poll(30) { try bed.runtime("state", "one").output.contains(#""status": "running""#) },
                "\(restored.errors)")
            try bed.write("", to: box.bundle + "/rootfs/go")
            let outcome = try restored.wait()
            #expect(outcome.status == 7 && outcome.errors.isEmpty, "\(outcome)")
            #expect(try bed.runtime("state", "one").status == 1)
        }

        /// What is the host's comes from the host: binds, the terminal; and hooks are told.
        @Test func mountsTerminalAndHooks() throws {
            let bed = try Bed.here
            let data = try bed.newDirectory("data/below")
            try bed.write("on the host\n", to: data + "/value")
            try bed.write("a file\n", to: bed.directory + "/file")
            var config = try Config(
                "/bin/sh", "-c", "while read word; do cat /data/below/value /file; echo got $word; done")
            config.set("process.terminal", true)
            for (source, target) in [("data", "/data"), ("file", "/file")] {
                config.set(
                    "mounts.+",
                    [
                        "destination": target, "source": bed.directory + "/" + source, "type": "bind",
                        "options": ["rbind", "rw"],
                    ])
            }
            let note = "cat >>\(bed.directory)/told; echo \" $0\" >>\(bed.directory)/told"
            for stage in ["prestart", "createRuntime", "createContainer", "poststart", "poststop"] {
                config.set("hooks.\(stage)", [["path": "/bin/sh", "args": ["sh", "-c", note, stage]]])
            }
            let box = try Counting(bed, config)
            let socket = bed.directory + "/console"
            let listener = try UnixSocket.listen(socket, .stream)
            let flags = ["--detach", "--console-socket", socket, "--bundle", box.bundle]
            let runtime = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot]
            try box.succeed(Command(runtime + ["run"] + flags + ["one"]).start(in: bed).wait())
            // The end of the terminal would be the end of the box.
            let (_, master) = try talk(listener, "first")
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images, "one"))
            _ = Descriptor(owning: master)
            try bed.write("other words\n", to: data + "/value")
            try bed.write("", to: bed.directory + "/told")
            let restore = ["restore", "--image-path", box.images] + flags
            try box.succeed(Command(runtime + restore + ["one"]).start(in: bed).wait())
            let (text, newMaster) = try talk(listener, "second")
            _ = Descriptor(owning: newMaster)
            #expect(text.contains("other words\r\na file\r\ngot second"), "\(text)")
            try box.succeed(bed.runtime("delete", "--force", "one"))
            let told = try File.text(of: bed.directory + "/told").split(separator: "\n")
            #expect(
                told.map { $0.split(separator: " ").last } == ["prestart", "createRuntime", "poststart", "poststop"])
            #expect(told[1].contains(#""status":"creating""#) && told[2].contains(#""status":"running""#), "\(told)")
        }

        /// Types a word into the terminal that comes by the socket, and reads until it is answered.
        private func talk(_ listener: borrowing Descriptor, _ word: String) throws -> (String, CInt) {
            let connection = RecordSocket(owning: try UnixSocket.accept(listener.raw).release())
            let master = Descriptor(owning: try #require(try connection.receive().descriptor))
            try File.write(Array("\(word)\n".utf8), to: master.raw)
            var text = ""
            let isAnswered = try poll(20) {
                var entries = [Poll.Entry(master.raw)]
                try Poll.wait(&entries, milliseconds: 100)
                if entries[0].isReady {
                    text += String(decoding: try File.readSome(master.raw, atMost: 1000), as: UTF8.self)
                }
                return text.contains("got \(word)")
            }
            #expect(isAnswered, "\(text)")
            return (text, master.release())
        }

        /// CVE-2026-119101 and CVE-2026-115520: a link that has come into the root file system, or into a volume that the
        /// box may write, does not lead the restore out. Without it, the same images are restored.
        @Test func mountsAreNotRestoredThroughLinks() throws {
            let bed = try Bed.here
            let outside = try bed.newDirectory("outside/deep")
            let volume = try bed.newDirectory("volume/inner/deep")
            var config = try Config("/bin/sh", "-c", Self.counter)
            for (source, target) in [("data", "/data"), ("volume", "/volume"), ("data", "/volume/inner/deep")] {
                let path = try bed.newDirectory(source)
                config.set(
                    "mounts.+",
                    ["destination": target, "source": path, "type": "bind", "options": ["bind", "rw"]])
            }
            let box = try Counting(bed, config)
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images, "one"))
            let restore = [
                try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "restore", "--detach", "--image-path",
                box.images, "--bundle", box.bundle, "one",
            ]
            let inner = File.split(volume).parent
            for path in [box.bundle + "/rootfs/data", inner] {
                try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
                try File.makeLink(path, to: File.split(outside).parent, at: FileFlags.currentDirectory)
                let outcome = try Command(restore).start(in: bed).wait()
                #expect(outcome.status == 1 && outcome.errors.contains("symbolic link"), "\(outcome)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
                #expect(!File.exists(Cgroups.top + "/swiftbox-one"))
                try File.remove(path)
                try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
            }
            try box.succeed(Command(restore).start(in: bed).wait())
            #expect(try box.isCounting())
            // The box itself may follow links, in its root and in its volumes.
            let made = "ln -s deep /volume/inner/link && cd /volume/inner/link && ln -s /etc /data/etc && ls /data/etc/"
            let linked = try bed.runtime("exec", "one", "sh", "-c", made)
            #expect(linked.status == 0 && linked.output.contains("passwd"), "\(linked)")
            try box.succeed(bed.runtime("delete", "--force", "one"))
        }

        private func restored(_ box: Counting, _ images: String, _ id: String, _ flags: String...) throws {
            let runtime = [try Bed.binary("swiftbox-runtime"), "--root", box.bed.stateRoot, "restore", "--detach"]
            let last = try box.count()
            let line = runtime + ["--image-path", images, "--bundle", box.bundle] + flags + [id]
            try box.succeed(Command(line).start(in: box.bed).wait())
            #expect(try box.isCounting() && box.count() > last)
        }

        /// `--pre-dump` leaves the box alone; what it took, `--parent-path` need not take again.
        @Test func memoryIsTakenInTwoParts() throws {
            let bed = try Bed.here
            let box = try Counting(bed, Config("/bin/sh", "-c", Self.counter))
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            #expect(try box.isCounting())
            try box.succeed(bed.runtime("checkpoint", "--image-path", box.images + "/first", "--pre-dump", "one"))
            #expect(try box.isCounting())
            let last = box.images + "/last"
            try box.succeed(bed.runtime("checkpoint", "--image-path", last, "--parent-path", "../first", "one"))
            let sizes = try ["first", "last"].map { try File.status("\(box.images)/\($0)/pages-1.img").size }
            #expect(sizes[0] > sizes[1], "\(sizes)")
            try restored(box, last, "two")
            try box.succeed(bed.runtime("delete", "--force", "two"))
        }

        /// `--page-server`; and `--lazy-pages`, whose memory comes when the restored box asks for it.
        @Test func memoryComesFromElsewhere() throws {
            let bed = try Bed.here
            let box = try Counting(bed, Config("/bin/sh", "-c", Self.counter))
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            #expect(try box.isCounting())
            let (paged, lazy) = (box.images + "/paged", box.images + "/lazy")
            for directory in [box.images, paged] { try File.makeDirectory(directory, mode: 0o755) }
            let pages = ["criu", "page-server", "--images-dir", paged, "--port", "1234", "--daemon"]
            try box.succeed(Command(pages).start(in: bed).wait())
            let server = "127.0.0.1:1234"
            try box.succeed(bed.runtime("checkpoint", "--image-path", paged, "--page-server", server, "one"))
            try restored(box, paged, "two")

            let status = bed.directory + "/status"
            let words = "\(try Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) checkpoint --image-path \(lazy)"
            let script = "exec \(words) --lazy-pages --page-server 127.0.0.1:1235 --status-fd 9 two 9>\(status)"
            let serving = try Command(["sh", "-c", script]).start(in: bed)
            #expect(try poll(60) { try File.exists(status) && File.status(status).size == 1 }, "\(serving.errors)")
            let fetch = ["criu", "lazy-pages", "--page-server", "--address", "127.0.0.1", "--port", "1235", "-D", lazy]
            try box.succeed(Command(fetch + ["--daemon"]).start(in: bed).wait())
            try restored(box, lazy, "three", "--lazy-pages")
            try box.succeed(serving.wait())
            try box.succeed(bed.runtime("delete", "--force", "three"))
        }

        /// A box that criu cannot take goes on as if nothing had been.
        @Test func whatCannotBeTakenGoesOn() throws {
            let bed = try Bed.here
            // A connection, without --tcp-established.
            let talk = "sleep 1000 | busybox nc -l -p 99 & sleep 1; sleep 1000 | busybox nc 127.0.0.1 99 & sleep 1; "
            let box = try Counting(bed, Config("/bin/sh", "-c", talk + Self.counter))
            try box.succeed(bed.runtime("run", "--detach", "--bundle", box.bundle, "one"))
            #expect(try box.isCounting())
            let refused = try bed.runtime("checkpoint", "--image-path", box.images, "one")
            #expect(refused.status == 1 && refused.errors.contains("criu cannot checkpoint"), "\(refused)")
            #expect(refused.errors.contains("dump.log") && refused.errors.contains("found:"), "\(refused)")
            #expect(try bed.runtime("state", "one").output.contains(#""status": "running""#))
            #expect(try box.isCounting())
            let bad = try bed.runtime("restore", "--image-path", box.images, "--bundle", box.bundle, "-d", "two")
            #expect(bad.status == 1 && bad.errors.contains("--image-path"), "\(bad)")
            #expect(!File.exists(Cgroups.top + "/swiftbox-two"))
            try box.succeed(bed.runtime("delete", "--force", "one"))
        }
    }
}
