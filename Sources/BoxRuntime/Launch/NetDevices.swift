internal import BoxOCI
internal import BoxSystem

/// A network device of the host that a box has for its life.
public struct MovedNetDevice: Equatable, Sendable {
    public var hostName: String
    public var boxName: String
    /// On the host it was so.
    public var wasUp: Bool
}

/// `linux.netDevices`: a device goes to another network namespace with the addresses that were set by hand, under its new
/// name, and is up there (runtime-spec, Network devices). When the box has ended it comes back under its old one.
extension Launcher {
    func moveNetDevices(_ devices: [NetDevice], pid: CInt) throws(BoxError) {
        try explaining(failure("find the network of the box")) { () throws(Errno) in
            slots.put(try File.open("/proc/\(pid)/ns/net", FileFlags.readOnly), .network)
        }
        if let state {
            // Whoever clears up after a runtime that was killed finds them there.
            try explaining(failure("keep the network of the box")) { () throws(Errno) in
                try NetworkPin.make(in: state.path, of: pid)
            }
        }
        for device in devices { try move(device, pid) }
    }

    private func move(_ device: NetDevice, _ pid: CInt) throws(BoxError) {
        let name = device.hostName
        let error: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .operationNotSupportedByDevice ? .notFound : .kernel,
                "cannot move the network device \(name) into the box",
                field: "linux.netDevices.\(name)", errno: errno,
                found: errno == .fileExists ? "the box has a device \(device.name ?? name) already" : nil)
        }
        let transfer = try explaining(error) { () throws(Errno) in
            try Transfer.make(from: nil, to: slots.get(.network))
        }
        let wasUp = try explaining(error) { () throws(Errno) in try transfer.link(named: name).isUp }
        let moved = MovedNetDevice(hostName: name, boxName: device.name ?? name, wasUp: wasUp)
        try recordMoving(moved, pid)
        try explaining(error) { () throws(Errno) in
            let addresses = try transfer.move(name, as: moved.boxName)
            netDevices.append(moved)
            try transfer.settle(moved.boxName, addresses, up: true)
        }
    }

    /// On disk before it is done: afterwards only the box's network knows the device.
    private func recordMoving(_ device: MovedNetDevice, _ pid: CInt) throws(BoxError) {
        guard let directory = state else { return }
        var state = try currentState(.creating, pid: pid)
        state.netDevices.append(device)
        try directory.write(state)
    }

    /// Before the last descriptor of the box's network is closed: with it the kernel destroys what is virtual.
    func returnNetDevices() throws(BoxError) {
        defer { slots.close(.network) }
        while let device = netDevices.popLast() {
            let network = try explaining(failure("find the network of the box")) { () throws(Errno) in
                try slots.get(.network)
            }
            try device.takeBack(from: network)
        }
        if let state { try NetworkPin.remove(in: state.path) }
    }
}

extension MovedNetDevice {
    fileprivate var isOnHost: Bool {
        do throws(Errno) {
            return try RouteSocket().link(named: hostName).index > 0
        } catch {
            return false
        }
    }

    /// `.notFound` where the box has it no more: it may have deleted or renamed it.
    func takeBack(from network: CInt) throws(BoxError) {
        try explaining({ errno in
            BoxError(
                errno == .operationNotSupportedByDevice ? .notFound : .kernel,
                "cannot take the network device \(hostName) back", field: "linux.netDevices.\(hostName)", errno: errno)
        }) { () throws(Errno) in
            let transfer = try Transfer.make(from: network, to: nil)
            let addresses = try transfer.move(boxName, as: hostName)
            try transfer.settle(hostName, addresses, up: wasUp)
        }
    }
}

/// A box without a runtime of its own: its network stays, after its end too, by a mount in its state directory.
enum NetworkPin {
    private static func path(in directory: String) -> String { directory + "/network" }

    static func make(in directory: String, of pid: CInt) throws(Errno) {
        let file = try File.open(
            path(in: directory), FileFlags.create | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o600)
        let network = try Mounts.cloneTree("/proc/\(pid)/ns/net", recursive: false)
        try Mounts.attach(network.raw, onto: file.raw)
    }

    /// Takes the devices back, and lets the network go.
    static func release(_ devices: [MovedNetDevice], in directory: String) -> [BoxError] {
        var problems: [BoxError] = []
        if !File.exists(path(in: directory)) { return problems }
        for device in devices.reversed() {
            do throws(BoxError) {
                let network = try explaining({ BoxError(.kernel, "cannot open the network of the box", errno: $0) }) {
                    () throws(Errno) in try File.open(path(in: directory), FileFlags.readOnly)
                }
                try device.takeBack(from: network.raw)
            } catch {
                // It was about to be moved when the runtime was killed.
                if error.kind == .notFound, device.isOnHost { continue }
                problems.append(error)
            }
        }
        do throws(BoxError) {
            try remove(in: directory)
        } catch {
            problems.append(error)
        }
        return problems
    }

    static func remove(in directory: String) throws(BoxError) {
        let path = path(in: directory)
        if !File.exists(path) { return }
        try explaining({ BoxError(.kernel, "cannot remove \(path)", errno: $0) }) { () throws(Errno) in
            // EINVAL: it did not come to be mounted.
            try tolerating(.invalidArgument) { () throws(Errno) in try Mounts.detach(path) }
            try File.remove(path)
        }
    }
}

/// One way between the caller's network namespace, nil, and another.
struct Transfer: ~Copyable {
    fileprivate let source: RouteSocket
    fileprivate let target: RouteSocket
    fileprivate let namespace: Descriptor

    static func make(from: CInt?, to: CInt?) throws(Errno) -> Transfer {
        let own = try File.open("/proc/self/ns/net", FileFlags.readOnly)
        let source = try socket(in: from, own.raw)
        let target = try socket(in: to, own.raw)
        let namespace = try File.open(to.map { "/proc/self/fd/\($0)" } ?? "/proc/self/ns/net", FileFlags.readOnly)
        return Transfer(source: source, target: target, namespace: namespace)
    }

    /// A socket belongs to the namespace that it was made in; the caller is there for that moment only.
    private static func socket(in namespace: CInt?, _ own: CInt) throws(Errno) -> RouteSocket {
        guard let namespace else { return try RouteSocket() }
        try Namespaces.network.join(namespace)
        do throws(Errno) {
            let socket = try RouteSocket()
            try Namespaces.network.join(own)
            return socket
        } catch {
            try Namespaces.network.join(own)
            throw error
        }
    }

    borrowing func link(named name: String) throws(Errno) -> NetworkLink { try source.link(named: name) }

    /// Returns the addresses that are to be set again: the kernel drops them on the way.
    borrowing func move(_ name: String, as newName: String) throws(Errno) -> [NetworkAddress] {
        let link = try source.link(named: name)
        // The kernel moves first and renames then: what fails half-way would be lost there.
        let isTaken = try tolerating(.operationNotSupportedByDevice) { () throws(Errno) in
            _ = try target.link(named: newName)
        }
        if isTaken { throw .fileExists }
        let addresses = try source.addresses(of: link.index).filter(\.isPermanentAndGlobal)
        if link.isUp { try source.set(link.index, up: false) }
        do throws(Errno) {
            try source.move(link.index, into: namespace.raw, as: newName)
        } catch {
            if link.isUp {
                try source.set(link.index, up: true)
                for address in addresses { try source.add(address, to: link.index) }
            }
            throw error
        }
        return addresses
    }

    borrowing func settle(_ name: String, _ addresses: [NetworkAddress], up: Bool) throws(Errno) {
        let link = try target.link(named: name)
        for address in addresses { try target.add(address, to: link.index) }
        if up { try target.set(link.index, up: true) }
    }
}
