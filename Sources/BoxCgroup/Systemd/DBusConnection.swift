internal import BoxOCI
internal import BoxSystem

/// The system bus, or systemd itself, for a few calls one after another. One thread only.
final class DBusConnection {
    private let socket: CInt
    private var serial: UInt32 = 0
    private static let patience: CInt = 25_000

    /// Connects and says who is there (SASL EXTERNAL: the kernel vouches for the user). The bus is at
    /// `DBUS_SYSTEM_BUS_ADDRESS`, or where it usually is; without a bus, systemd itself listens for root.
    init() throws(BoxError) {
        let address = Caller.variable("DBUS_SYSTEM_BUS_ADDRESS") ?? "unix:path=/run/dbus/system_bus_socket"
        let first = address.split(separator: ",").first.map(String.init) ?? ""
        guard first.hasPrefix("unix:path=") else {
            throw BoxError(.unsupported, "the system bus is at no path", found: "DBUS_SYSTEM_BUS_ADDRESS is \(address)")
        }
        let bus = String(first.dropFirst("unix:path=".count))
        let (found, isBus) = try explaining({ errno in
            BoxError(
                .unsupported, "cannot reach systemd at \(bus) or \(Self.ofSystemd)", field: "--cgroup-manager",
                errno: errno, remedy: "run it on a host with systemd, or give --cgroup-manager cgroupfs")
        }) { () throws(Errno) in
            File.exists(bus)
                ? (try UnixSocket.connect(bus, .stream).release(), true)
                : (try UnixSocket.connect(Self.ofSystemd, .stream).release(), false)
        }
        socket = found
        try explaining({ BoxError(.denied, "the bus does not let us in", field: "--cgroup-manager", errno: $0) }) {
            () throws(Errno) in
            try authenticate()
        }
        if !isBus { return }
        try call(
            DBusCall(
                destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus",
                member: "Hello"))
    }

    private static let ofSystemd = "/run/systemd/private"

    deinit { _ = Descriptor(owning: socket) }

    private func authenticate() throws(Errno) {
        let digits = String(Caller.userID).utf8.map { String($0, radix: 16) }.joined()
        try send([0] + Array("AUTH EXTERNAL \(digits)\r\n".utf8))
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") && line.count < 512 { line += try read(1) }
        if !line.starts(with: "OK ".utf8) { throw .permissionDenied }
        try send(Array("BEGIN\r\n".utf8))
    }

    /// Waits for the answer. An error's kind is `.alreadyExists` for a unit that is there, else `.kernel`; `found` is its
    /// name.
    func call(_ call: DBusCall) throws(BoxError) {
        serial += 1
        let reply = try explaining({ BoxError(.kernel, "cannot call \(call.member) on the bus", errno: $0) }) {
            () throws(Errno) in
            try send(call.message(serial: serial))
            return try answer()
        }
        guard let name = reply.errorName else { return }
        let kind: BoxError.Kind = name == "org.freedesktop.systemd1.UnitExists" ? .alreadyExists : .kernel
        throw BoxError(kind, "\(call.member) failed: \(reply.text ?? "no reason given")", found: name)
    }

    /// Signals of the bus are passed over.
    private func answer() throws(Errno) -> DBusReply {
        while true {
            let header = try read(DBusReply.headerSize)
            guard let count = DBusReply.rest(of: header),
                let reply = DBusReply(header: header, rest: try read(count))
            else { throw .illegalByteSequence }
            if reply.answers == serial { return reply }
        }
    }

    /// A bus that goes away is an error here, not a SIGPIPE. The few bytes of a call go out at once.
    private func send(_ bytes: [UInt8]) throws(Errno) { try UnixSocket.send(bytes, descriptor: -1, to: socket) }

    private func read(_ count: Int) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var entries = [Poll.Entry(socket)]
            try Poll.wait(&entries, milliseconds: Self.patience)
            if !entries[0].isReady && !entries[0].isHungUp { throw .timedOut }
            let more = try File.readSome(socket, atMost: count - bytes.count)
            if more.isEmpty { throw .connectionReset }
            bytes += more
        }
        return bytes
    }
}
