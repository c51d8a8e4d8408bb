import Testing

@testable import BoxSystem

@Suite struct RouteMessageTests {
    /// CVE-2021-43784: an attribute's length has 16 bits. One that is longer is left out whole, never cut.
    @Test func anAttributeThatIsTooLongIsNotAdded() {
        var message = RouteMessage.link(index: 7)
        message.add(.init(type: 3, value: [UInt8](repeating: 1, count: 65_532)))
        #expect(message.bytes.count == 16)
        message.add(.init(type: 3, value: [UInt8](repeating: 1, count: 65_531)))
        #expect(message.bytes.count == 16 + 65_536)
        #expect(RouteMessage.attributes(message.bytes, after: 16).map(\.value.count) == [65_531])
    }

    @Test func whatWasAddedIsRead() {
        var message = RouteMessage(bytes: [])
        message.add(.interfaceName, "eth0")
        message.add(.namespaceDescriptor, 9)
        #expect(
            RouteMessage.attributes(message.bytes, after: 0) == [
                .init(type: 3, value: Array("eth0".utf8) + [0]), .init(type: 28, value: [9, 0, 0, 0]),
            ])
    }

    /// What claims to be longer than the message, or shorter than its own head, ends the reading.
    @Test(arguments: [[255, 255, 1, 0, 9], [3, 0, 1, 0], [0, 0, 0, 0], [4, 0, 1], []])
    func aBrokenAttributeIsTheEnd(bytes: [UInt8]) {
        #expect(RouteMessage.attributes(bytes, after: 0).isEmpty)
    }
}
