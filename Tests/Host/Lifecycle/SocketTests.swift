import BoxSystem
import Foundation
import Glibc
import Testing
import TestBed

extension HostBed {
    /// Descriptors that go to an engine, and come from one.
    @Suite struct Sockets {
        @Test func theTerminalGoesToTheConsoleSocket() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "tty; stty size; read line; echo got $line")
            config.set("process.terminal", true)
            config.set("process.consoleSize", ["height": 11, "width": 77])
            let bundle = try bed.makeBundle(config)
            let refused = try bed.runtime("create", "-b", bundle, "console")
            #expect(refused.status == 1 && refused.errors.contains("--console-socket"), "\(refused)")
            let listener = try UnixSocket.listen(bed.directory + "/console.sock", .stream)
            let created = try bed.runtime(
                "create", "-b", bundle, "--console-socket", bed.directory + "/console.sock", "console")
            #expect(created.status == 0, "\(created)")
            let connection = RecordSocket(owning: try UnixSocket.accept(listener.raw).release())
            let master = Descriptor(owning: try #require(try connection.receive().descriptor))
            #expect(try bed.runtime("start", "console").status == 0)
            try File.write(Array("hello\n".utf8), to: master.raw)
            var text = ""
            #expect(
                try poll(10) {
                    text += String(decoding: try File.readSome(master.raw, atMost: 100), as: UTF8.self)
                    return text.contains("got hello")
                }, "\(text)")
            #expect(text.contains("/dev/pts/0") && text.contains("11 77"), "\(text)")
            #expect(try bed.runtime("delete", "-f", "console").status == 0)
        }

        @Test func theInitProcessGoesToThePidfdSocket() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("workload", "sleep-forever"))
            let listener = try UnixSocket.listen(bed.directory + "/pidfd.sock", .stream)
            let run = try bed.runtime(
                "run", "-d", "-b", bundle, "--pidfd-socket", bed.directory + "/pidfd.sock", "pidfd")
            #expect(run.status == 0, "\(run)")
            let connection = RecordSocket(owning: try UnixSocket.accept(listener.raw).release())
            let pidfd = Descriptor(owning: try #require(try connection.receive().descriptor))
            try Processes.send(SIGKILL, to: pidfd.raw)
            #expect(try poll(10) { try bed.runtime("state", "pidfd").output.contains("stopped") })
            #expect(try bed.runtime("delete", "pidfd").status == 0)
        }

        @Test func nobodyAtTheSocketEndsTheCreation() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            let outcome = try bed.runtime("create", "-b", bundle, "--pidfd-socket", bed.directory + "/none", "nobody")
            #expect(outcome.status == 1 && outcome.errors.contains("--pidfd-socket"), "\(outcome)")
        }

        @Test func descriptorsArePassedOn() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(
                Config("sh", "-c", "cat <&3; cat <&4; ls /proc/self/fd | wc -l; echo $LISTEN_FDS $LISTEN_PID"))
            let runtime = "\(try Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot)"
            let script =
                "echo three >\(bed.directory)/3; echo four >\(bed.directory)/4; exec 3<\(bed.directory)/3 4<\(bed.directory)/4 5</dev/null;"
            let both = try bed.command(
                "sh", "-c", "\(script) LISTEN_FDS=1 exec \(runtime) run --preserve-fds=1 -b \(bundle) passed")
            #expect(both.output == "three\nfour\n6\n1 1\n", "\(both)")
            let closed = try bed.runtime("run", "--preserve-fds", "7", "-b", bundle, "passed")
            #expect(closed.status == 1 && closed.errors.contains("--preserve-fds"), "\(closed)")
        }

        @Test func theNotifySocketReachesTheBox() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "echo $NOTIFY_SOCKET; ls -l $NOTIFY_SOCKET | cut -c1")
            config.set("root.readonly", true)
            let bundle = try bed.makeBundle(config)
            let socket = try UnixSocket.listen(bed.directory + "/notify", .stream)
            let runtime = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "-b", bundle, "notify"]
            let outcome = try Command(runtime, environment: ["NOTIFY_SOCKET": bed.directory + "/notify"]).start(in: bed)
                .wait()
            #expect(outcome.output == "/run/host/notify\ns\n", "\(outcome)")
            try socket.close()
        }
    }
}
