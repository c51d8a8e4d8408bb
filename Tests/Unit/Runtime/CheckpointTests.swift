import BoxSystem
import Testing

@testable import BoxRuntime

/// criu's messages, and what of a box's mounts criu is told, without criu.
@Suite struct CheckpointMessages {
    /// The example of the format's documentation (150 in field 1), a text in field 2, and a negative number, which takes all
    /// ten bytes.
    @Test func messagesHaveTheWireFormat() {
        var message = WireMessage()
        message.add(1, 150)
        message.add(2, "testing")
        message.add(3, -1)
        message.add(4, false)
        message.add(5, nil as String?)
        let ones = [UInt8](repeating: 0xff, count: 9) + [1]
        #expect(message.encoded == [0x08, 0x96, 0x01, 0x12, 7] + Array("testing".utf8) + [0x18] + ones)
        let read = WireMessage(message.encoded)
        #expect(read == message && read?.number(1) == 150 && read?.text(2) == "testing" && read?.number(3) == -1)
        #expect(read?.number(2) == nil && read?.text(1) == nil && read?.number(9) == nil)
    }

    @Test(
        arguments: [
            [0x08], [0x08, 0x80], [0x12, 5, 1], [0x00, 1], [0x0b], [0x0d, 1, 2, 3],
            [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            [0x08] + [UInt8](repeating: 0xff, count: 11),
        ] as [[UInt8]])
    func brokenMessagesAreNone(bytes: [UInt8]) { #expect(WireMessage(bytes) == nil) }

    @Test func fixedNumbersAreRead() {
        #expect(WireMessage([0x0d, 1, 2, 0, 0, 0x11, 1, 0, 0, 0, 0, 0, 0, 0x80])?.number(1) == 513)
        #expect(WireMessage([0x0d, 1, 2, 0, 0, 0x11, 1, 0, 0, 0, 0, 0, 0, 0x80])?.number(2) == Int.min + 1)
    }

    @Test func theSourceOfAnExternalMountIsItsDeepestBind() {
        let destinations = [
            ExternalMounts.Destination(name: "/data", source: 0), .init(name: "/data/deep", source: 1),
            .init(name: "/dev", source: nil), .init(name: "/data", source: 2),
        ]
        func source(_ name: String) -> String? {
            ExternalMounts.source(of: name, in: destinations).map { "\($0.index)\($0.below)" }
        }
        #expect(source("/data") == "2" && source("/data/a/b") == "2/a/b" && source("/data/deep/c") == "1/c")
        #expect(source("/database") == nil && source("/dev") == nil && source("/") == nil)
    }

    @Test func addressesOfPageServers() {
        for (text, address, port) in [("10.0.0.1:27", "10.0.0.1", 27), ("[::1]:65535", "::1", 65535), ("h:0", "h", 0)] {
            let server = CheckpointRequest.PageServer(text)
            #expect(server?.address == address && server?.port == UInt16(port))
        }
        for text in ["", "host", "host:", ":1", "host:65536", "host:-1", "host:1x"] {
            #expect(CheckpointRequest.PageServer(text) == nil, "\(text)")
        }
    }

    @Test func theReasonIsTheFirstErrorThatCounts() {
        let log = """
            (00.1) Error (criu/tun.c:85): tun: Unable to create tun: No such file or directory
            Error: ipv4: Address already assigned.
            (01.6)      1: Error (criu/files-reg.c:2093): File fd/1 has bad size 0 (expect 151)
            (01.7)      1: Error (criu/files.c:1213): Unable to open fd=1 id=0x3
            (01.8) Error (criu/cr-restore.c:2537): Restoring FAILED.
            """
        #expect(
            CriuFailure.reasons(in: log) == ["File fd/1 has bad size 0 (expect 151)", "Unable to open fd=1 id=0x3"])
    }

    @Test func mountTablesAreRead() {
        let text = "60 42 0:36 / /proc rw - proc proc rw\nnone\n61 42 0:37 /a /with\\040space\\134 ro - tmpfs x rw\n"
        #expect(
            MountTable.entries(in: Array(text.utf8)) == [
                .init(number: 60, point: "/proc"), .init(number: 61, point: "/with space\\"),
            ])
    }
}
