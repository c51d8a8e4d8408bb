import BoxOCI
import Testing

@testable import BoxCgroup

/// `slice:prefix:name`, and the message that asks systemd for a scope.
@Suite struct SystemdScopeTests {
    @Test(arguments: [
        (nil, "swiftbox-box.scope", "/system.slice/swiftbox-box.scope"),
        ("", "swiftbox-box.scope", "/system.slice/swiftbox-box.scope"),
        ("machine.slice:libpod:1f", "libpod-1f.scope", "/machine.slice/libpod-1f.scope"),
        ("kube-pod-1a.slice:cri:x", "cri-x.scope", "/kube.slice/kube-pod.slice/kube-pod-1a.slice/cri-x.scope"),
        ("-.slice::alone", "alone.scope", "/alone.scope"), ("::a.scope", "a.scope", "/system.slice/a.scope"),
    ])
    func pathsAreSystemds(path: String?, unit: String, cgroup: String) throws {
        let scope = try SystemdScope(cgroupsPath: path, id: "box")
        #expect(scope.unit == unit && scope.path == cgroup && scope.boxPath == cgroup + "/container")
    }

    @Test(arguments: [
        "/a/path", "a:b", "a.slice:b:c:d", "a.slice:b:", "a:b:c", "a--b.slice:p:n", "../x.slice:p:n", "a.slice:p:x/y",
        "a.slice::b.slice", "a.slice:p:x y",
    ])
    func othersAreRefused(path: String) {
        let error = #expect(throws: BoxError.self) { try SystemdScope(cgroupsPath: path, id: "box") }
        #expect(error?.field == "linux.cgroupsPath" && error?.kind == .invalidSpec)
    }

    /// Byte for byte what busctl sends for `Hello`.
    @Test func aCallIsMarshalledAsTheSpecificationHasIt() {
        let call = DBusCall(
            destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus",
            member: "Hello")
        let fields: [UInt8] =
            [1, 1, 0x6f, 0, 21, 0, 0, 0] + Array("/org/freedesktop/DBus\0\0\0".utf8)
            + [2, 1, 0x73, 0, 20, 0, 0, 0] + Array("org.freedesktop.DBus\0\0\0\0".utf8)
            + [3, 1, 0x73, 0, 5, 0, 0, 0] + Array("Hello\0\0\0".utf8)
            + [6, 1, 0x73, 0, 20, 0, 0, 0] + Array("org.freedesktop.DBus\0".utf8)
        let head: [UInt8] = [0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, UInt8(fields.count), 0, 0, 0]
        #expect(call.message(serial: 1) == head + fields + [0, 0, 0])
    }

    @Test func propertiesAreTyped() throws {
        let call = try SystemdScope(cgroupsPath: nil, id: "b").startCall(pid: 258, description: "d")
        #expect(call.signature == "ssa(sv)a(sa(sv))")
        let body = call.body
        func contains(_ bytes: [UInt8]) -> Bool { body.indices.contains { body[$0...].starts(with: bytes) } }
        #expect(contains(Array("PIDs\0\u{2}au\0".utf8)) && contains([4, 0, 0, 0, 2, 1, 0, 0]))
        #expect(contains(Array("Delegate\0\u{1}b\0".utf8) + [1, 0, 0, 0]))
        #expect(body.suffix(4) == [0, 0, 0, 0] || body.suffix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func answersAndErrorsAreToldApart() throws {
        // ERROR_NAME 4, REPLY_SERIAL 5, SIGNATURE 8; the body is one string.
        let fields: [UInt8] =
            [4, 1, 0x73, 0, 3, 0, 0, 0] + Array("a.b\0\0\0\0\0".utf8) + [5, 1, 0x75, 0, 7, 0, 0, 0]
            + [8, 1, 0x67, 0, 1, 0x73, 0]
        let body: [UInt8] = [2, 0, 0, 0] + Array("no\0".utf8)
        let header: [UInt8] = [0x6c, 3, 0, 1, UInt8(body.count), 0, 0, 0, 9, 0, 0, 0, UInt8(fields.count), 0, 0, 0]
        let rest = fields + [0] + body
        #expect(DBusReply.rest(of: header) == rest.count)
        let reply = try #require(DBusReply(header: header, rest: rest))
        #expect(reply.type == 3 && reply.answers == 7 && reply.errorName == "a.b" && reply.text == "no")
    }

    /// Whatever comes, it is an answer or none, never a crash.
    @Test func brokenAnswersAreNone() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let rest = (0..<Int.random(in: 0..<80)).map { _ in UInt8.random(in: 0...8, using: &generator) }
            let header: [UInt8] = [0x6c, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, UInt8.random(in: 0..<90), 0, 0, 0]
            _ = DBusReply(header: header, rest: rest)
        }
        #expect(DBusReply.rest(of: [0x6c, 2, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
    }
}
