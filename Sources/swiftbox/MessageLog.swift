internal import BoxOCI
internal import BoxSystem

/// `--log FILE|fd:N`: where swiftbox says what it has to say, so that it never mixes with the workload's own errors.
enum MessageLog {
    static func open(_ text: String?, quiet: Bool) throws(BoxError) {
        guard let text else { return }
        let failure: (Errno) -> BoxError = {
            BoxError(.kernel, "--log \(text): cannot be written", field: "--log", errno: $0)
        }
        let descriptor = try explaining(failure) { () throws(Errno) in
            if text.hasPrefix("fd:") {
                guard let number = CInt(text.dropFirst(3)), number > 2, try File.isWritable(number) else {
                    throw .badFileDescriptor
                }
                return Descriptor(owning: number)
            }
            return try File.open(
                text, FileFlags.create | FileFlags.append | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o644)
        }
        StandardStreams.sendErrors(to: descriptor)
    }
}
