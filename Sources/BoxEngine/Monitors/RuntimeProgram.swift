internal import BoxOCI
internal import BoxSystem

/// Verbs of swiftbox-runtime that the daemon has run for it: what they do takes a process with one thread.
struct RuntimeProgram: Sendable {
    private static let mostOutput = 16 << 20
    let path: String

    init(_ path: String) { self.path = path }

    /// What it prints.
    /// - Parameter kind: of the failure that an exit status stands for
    /// - Throws: what it says on its standard error, when its status is not 0
    func output(
        _ arguments: [String], _ what: String, kind: @Sendable (Int32) -> EngineError.Kind = { _ in .internal }
    ) async throws -> String {
        do {
            let output = try ChildPipe()
            let errors = try ChildPipe()
            let pid = try Children.shared.spawn(
                path, arguments, descriptors: [nil, output.writing, errors.writing])
            output.closeWriting()
            errors.closeWriting()
            async let complaint = errors.readAll(limit: Self.mostOutput)
            let text = try await output.readAll(limit: Self.mostOutput)
            let end = await Children.shared.wait(pid)
            let said = String(decoding: try await complaint, as: UTF8.self)
            if end.status != 0 { throw EngineError(kind(end.status), "cannot \(what): \(Self.message(said))") }
            return String(decoding: text, as: UTF8.self)
        } catch {
            throw EngineError(error, what)
        }
    }

    /// A line that warns, without the program's name.
    static func warning(_ line: String) -> String {
        let start = "swiftbox-runtime: warning: "
        return line.hasPrefix(start) ? String(line.dropFirst(start.count)) : line
    }

    /// Without the program's name and the last line end.
    static func message(_ text: String) -> String {
        let line = text.hasPrefix("swiftbox-runtime: ") ? text.dropFirst(18) : text[...]
        return String(line.hasSuffix("\n") ? line.dropLast() : line)
    }
}
