internal import BoxOCI
internal import BoxSystem

/// What the init process tells the runtime when a step fails: one record on their socket.
///
/// Two bytes step, four bytes errno (little-endian, 0 for none), then message, found and remedy, NUL between them.
package struct FailureRecord {
    /// The step's place in `initialise`; the number of steps stands for the execve(2) after them.
    var step: Int
    var error: BoxError

    init(step: Int, error: BoxError) {
        self.step = step
        self.error = error
    }

    package var bytes: [UInt8] {
        let errno = UInt32(bitPattern: error.errno?.rawValue ?? 0)
        var bytes = [UInt8(truncatingIfNeeded: step), UInt8(truncatingIfNeeded: step >> 8)]
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: errno >> UInt32(shift))) }
        let texts = [error.message, error.found ?? "", error.remedy ?? "", error.kind.rawValue, error.field ?? ""]
        for text in texts { bytes += Array(text.utf8.prefix(700)) + [0] }
        return bytes
    }

    /// nil when the bytes are no such record.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 6 else { return nil }
        let errno = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[2 + $1]) << UInt32(8 * $1) }
        let texts = bytes[6...].split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard texts.count >= 5 else { return nil }
        step = Int(bytes[0]) | Int(bytes[1]) << 8
        error = BoxError(
            BoxError.Kind(rawValue: texts[3]) ?? .internal, texts[0], field: texts[4].isEmpty ? nil : texts[4],
            errno: errno == 0 ? nil : Errno(rawValue: CInt(bitPattern: errno)),
            found: texts[1].isEmpty ? nil : texts[1], remedy: texts[2].isEmpty ? nil : texts[2])
    }
}
