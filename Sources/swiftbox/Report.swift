internal import ArgumentParser
internal import BoxOCI
internal import BoxSystem

/// What swiftbox itself says, and the exit statuses for it.
enum Report {
    /// swiftbox could not do what was asked.
    static let failed: CInt = 125
    /// The command exists and cannot be executed.
    static let notExecutable: CInt = 126
    /// There is no such command in the box.
    static let commandNotFound: CInt = 127

    /// Prints the error on standard error; the status to exit with.
    static func failure(_ error: BoxError) -> CInt {
        guard error.field == "process.args[0]", error.kind == .notFound || error.kind == .denied else {
            StandardStreams.printError("swiftbox: \(error)")
            return failed
        }
        var plain = error
        // The message names the command, and that is what the user typed.
        plain.field = nil
        StandardStreams.printError("swiftbox: \(plain)")
        return error.kind == .notFound ? commandNotFound : notExecutable
    }

    /// All that is wrong with a spec file.
    static func failure(_ problems: SpecProblems) -> CInt {
        for error in problems.errors { StandardStreams.printError("swiftbox: \(error)") }
        return failed
    }

    /// A line that was asked for.
    static func note(_ text: String) { StandardStreams.printError("swiftbox: \(text)") }

    /// A line of warning.
    static func warning(_ text: String) { StandardStreams.printError("swiftbox: warning: \(text)") }

    /// Help and version go to standard output; whatever else the parser says is an error of ours, in our shape.
    static func parserAnswer(_ error: any Error) -> CInt {
        if Swiftbox.exitCode(for: error).isSuccess {
            StandardStreams.printOut(Swiftbox.fullMessage(for: error))
            return 0
        }
        let message = Swiftbox.message(for: error)
        let isRun = CommandLine.arguments.dropFirst().first == "run"
        return failure(
            BoxError(
                .invalidSpec, message.prefix(1).lowercased() + message.dropFirst().drop(atEnd: "."),
                remedy: isRun ? "swiftbox run --help" : "swiftbox --help"))
    }
}

/// What keeps a spec file from being run, more than one error at once.
struct SpecProblems: Error {
    let errors: [BoxError]
    init(_ errors: [BoxError]) { self.errors = errors }
}

extension Substring {
    fileprivate func drop(atEnd character: Character) -> Substring { last == character ? dropLast() : self }
}
