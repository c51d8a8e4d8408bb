internal import CBoxLinux

/// A network device as the kernel describes it.
public struct NetworkLink: Equatable, Sendable {
    public var index: Int32
    public var isUp: Bool
}

/// An address of a network device, with what of it can be set anew.
public struct NetworkAddress: Equatable, Sendable {
    /// AF_INET or AF_INET6, the length of the prefix, the scope.
    public var family: UInt8
    public var prefix: UInt8
    public var scope: UInt8
    /// IFA_F_*
    public var flags: UInt32
    var attributes: [RouteMessage.Attribute]

    /// Set by hand and valid everywhere, as against what the network that the device is in gave it for a time.
    public var isPermanentAndGlobal: Bool { flags & 0x80 != 0 && scope == 0 }
}

/// Network devices and addresses of one network namespace, by rtnetlink(7). Stays in the namespace that it was made in.
public struct RouteSocket: ~Copyable {
    private let descriptor: Descriptor

    public init() throws(Errno) { descriptor = Descriptor(owning: CInt(try check(box_route_socket()))) }

    /// RTM_GETLINK; ENODEV where there is no such device.
    public borrowing func link(named name: String) throws(Errno) -> NetworkLink {
        var message = RouteMessage.link(index: 0)
        message.add(.interfaceName, name)
        guard let answer = try request(18, flags: 0, message).first, answer.count >= 16 else {
            throw .operationNotSupportedByDevice
        }
        return NetworkLink(
            index: RouteMessage.number(answer, at: 4), isUp: (RouteMessage.number(answer, at: 8) as UInt32) & 1 != 0)
    }

    /// IFF_UP.
    public borrowing func set(_ index: Int32, up: Bool) throws(Errno) {
        _ = try request(16, flags: Self.acknowledge, RouteMessage.link(index: index, flags: up ? 1 : 0, change: 1))
    }

    /// Moves a device, which must be down, into another network namespace under a name of its own there.
    public borrowing func move(_ index: Int32, into namespace: CInt, as name: String) throws(Errno) {
        var message = RouteMessage.link(index: index)
        message.add(.namespaceDescriptor, UInt32(bitPattern: namespace))
        message.add(.interfaceName, name)
        _ = try request(16, flags: Self.acknowledge, message)
    }

    /// RTM_GETADDR, all of one device.
    public borrowing func addresses(of index: Int32) throws(Errno) -> [NetworkAddress] {
        let answers = try request(22, flags: Self.dump, RouteMessage(bytes: [UInt8](repeating: 0, count: 8)))
        return answers.compactMap { answer in
            guard answer.count >= 8, (RouteMessage.number(answer, at: 4) as Int32) == index else { return nil }
            let attributes = RouteMessage.attributes(answer, after: 8)
            var flags = UInt32(answer[2])
            for one in attributes where one.type == RouteMessage.Kind.addressFlags.rawValue && one.value.count == 4 {
                flags = RouteMessage.number(one.value, at: 0)
            }
            return NetworkAddress(
                family: answer[0], prefix: answer[1], scope: answer[3], flags: flags,
                attributes: attributes.filter { RouteMessage.settable.contains($0.type) })
        }
    }

    /// RTM_NEWADDR; one that is there already is as good.
    public borrowing func add(_ address: NetworkAddress, to index: Int32) throws(Errno) {
        var message = RouteMessage(bytes: [address.family, address.prefix, 0, address.scope])
        message.append(index)
        message.add(.addressFlags, address.flags & RouteMessage.settableFlags)
        for attribute in address.attributes { message.add(attribute) }
        // NLM_F_CREATE | NLM_F_REPLACE
        _ = try request(20, flags: Self.acknowledge | 0x500, message)
    }

    private static let acknowledge: UInt16 = 4
    private static let dump: UInt16 = 0x300

    /// One request and all that answers it, without the headers.
    private borrowing func request(_ type: UInt16, flags: UInt16, _ message: RouteMessage) throws(Errno) -> [[UInt8]] {
        var header = RouteMessage(bytes: [])
        header.append(UInt32(16 + message.bytes.count))
        header.append(type)
        header.append(flags | 1)
        header.append(UInt32(1))
        header.append(UInt32(0))
        try File.write(header.bytes + message.bytes, to: descriptor.raw)
        var answers: [[UInt8]] = []
        while true {
            let datagram = try File.readSome(descriptor.raw, atMost: 1 << 16)
            var rest = datagram[...]
            if rest.isEmpty { throw .ioError }
            while rest.count >= 16 {
                let all = Array(rest)
                let length = Int(RouteMessage.number(all, at: 0) as UInt32)
                guard length >= 16, length <= all.count else { throw .ioError }
                let body = Array(all[16..<length])
                switch RouteMessage.number(all, at: 4) as UInt16 {
                case 3: return answers
                case 2:
                    guard body.count >= 4 else { throw .ioError }
                    let error: Int32 = RouteMessage.number(body, at: 0)
                    if error != 0 { throw Errno(rawValue: -error) }
                    return answers
                default: answers.append(body)
                }
                if flags & (Self.acknowledge | Self.dump) == 0 { return answers }
                rest = rest.dropFirst((length + 3) & ~3)
            }
        }
    }
}

/// The body of an rtnetlink message. Attributes have 16 bits for their length: what does not fit is never added
/// (CVE-2021-43784).
struct RouteMessage {
    enum Kind: UInt16 {
        case interfaceName = 3  // IFLA_IFNAME
        case namespaceDescriptor = 28  // IFLA_NET_NS_FD
        case addressFlags = 8  // IFA_FLAGS
    }

    struct Attribute: Equatable, Sendable {
        var type: UInt16
        var value: [UInt8]
    }

    /// IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_ANYCAST, IFA_MULTICAST, IFA_RT_PRIORITY, IFA_PROTO.
    static let settable: Set<UInt16> = [1, 2, 4, 5, 7, 9, 11]
    /// IFA_F_NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN: the rest is the kernel's own to set.
    static let settableFlags: UInt32 = 0x02 | 0x10 | 0x100 | 0x200 | 0x400

    var bytes: [UInt8]

    /// struct ifinfomsg.
    static func link(index: Int32, flags: UInt32 = 0, change: UInt32 = 0) -> RouteMessage {
        var message = RouteMessage(bytes: [0, 0, 0, 0])
        message.append(index)
        message.append(flags)
        message.append(change)
        return message
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ kind: Kind, _ text: String) {
        add(Attribute(type: kind.rawValue, value: Array(text.utf8) + [0]))
    }

    mutating func add(_ kind: Kind, _ number: UInt32) {
        var value = RouteMessage(bytes: [])
        value.append(number)
        add(Attribute(type: kind.rawValue, value: value.bytes))
    }

    mutating func add(_ attribute: Attribute) {
        guard let length = UInt16(exactly: 4 + attribute.value.count) else { return }
        append(length)
        append(attribute.type)
        bytes += attribute.value
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    static func attributes(_ bytes: [UInt8], after start: Int) -> [Attribute] {
        var (found, at): ([Attribute], Int) = ([], start)
        while at + 4 <= bytes.count {
            let length = Int(number(bytes, at: at) as UInt16)
            if length < 4 || at + length > bytes.count { return found }
            // The upper two bits say how the value is made up.
            let type = (number(bytes, at: at + 2) as UInt16) & 0x3fff
            found.append(Attribute(type: type, value: Array(bytes[(at + 4)..<(at + length)])))
            at += (length + 3) & ~3
        }
        return found
    }

    static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], at start: Int) -> Number {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Number.self) }
    }
}
