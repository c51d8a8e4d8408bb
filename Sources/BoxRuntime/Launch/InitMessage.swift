/// What the init process tells the runtime by one byte; a failure is a longer record (`FailureRecord`).
enum InitMessage: UInt8 {
    /// The pty's master comes beside it.
    case terminal = 1
    /// The environment is made; the hooks of the runtime may run. The init process waits for a record.
    case ready = 2
    /// All is done that `create` asks for; it now waits on the start socket.
    case created = 3
    /// execve(2) is next.
    case executing = 4
    /// The descriptor by which the filter's notified calls are answered comes beside it.
    case listener = 5
    /// All but the command is done; the init process waits for a `CommandRecord`.
    case waiting = 6
}
