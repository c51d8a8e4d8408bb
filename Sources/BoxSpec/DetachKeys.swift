public import BoxOCI

/// The keys that leave a terminal and let the box run on: `ctrl-p,ctrl-q`. A value type; safe on any thread.
public struct DetachKeys: Equatable, Sendable {
    public static let usual = "ctrl-p,ctrl-q"

    private let keys: [UInt8]
    private var matched = 0

    /// - Throws: `.invalidSpec` for what is no list of keys, naming `--detach-keys`.
    public init(_ text: String) throws(BoxError) {
        var keys: [UInt8] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bytes = Array(word.lowercased().utf8)
            if bytes.count == 1 {
                keys.append(contentsOf: word.utf8)
            } else if word.lowercased().hasPrefix("ctrl-"), bytes.count == 6, (0x40...0x7F).contains(bytes[5]) {
                keys.append(bytes[5] & 0x1F)
            } else {
                throw BoxError(
                    .invalidSpec, "--detach-keys \(text): \(word.isEmpty ? "an empty word" : String(word)) is no key",
                    field: "--detach-keys", remedy: "letters and ctrl-LETTER, such as \(Self.usual)")
            }
        }
        self.keys = keys
    }

    /// What may go on to the box: keys that may be the beginning of the sequence wait for the next ones.
    public mutating func pass(_ bytes: ArraySlice<UInt8>) -> (passed: [UInt8], isDetached: Bool) {
        var passed: [UInt8] = []
        for byte in bytes {
            if byte == keys[matched] {
                matched += 1
                if matched == keys.count { return (passed, true) }
                continue
            }
            passed += keys[..<matched]
            matched = byte == keys[0] ? 1 : 0
            if matched == 0 { passed.append(byte) }
        }
        return (passed, false)
    }
}
