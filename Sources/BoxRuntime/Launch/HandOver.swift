internal import BoxOCI
internal import BoxSystem

/// Handing a descriptor to an engine's socket: the pty's master (`--console-socket`), a pidfd (`--pidfd-socket`).
enum HandOver {
    /// connect(2) to a stream socket, and one message with the descriptor; what is sent beside it is its name, as runc has it.
    static func send(_ descriptor: CInt, named name: String, to path: String, flag: String) throws(BoxError) {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(.kernel, "cannot hand over the descriptor to the socket \(path)", field: flag, errno: errno)
        }
        try explaining(failure) { () throws(Errno) in
            let socket = try UnixSocket.connect(path, .stream)
            try UnixSocket.send(Array(name.utf8), descriptor: descriptor, to: socket.raw)
        }
    }
}
