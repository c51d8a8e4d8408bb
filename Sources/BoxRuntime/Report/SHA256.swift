/// FIPS 180-4, a part after the other: for digests of specs and of imported files; nothing secret depends on it.
/// A value type; safe on any thread.
public struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var words = [UInt32](repeating: 0, count: 64)
    private var waiting: [UInt8] = []
    private var count: UInt64 = 0

    public init() {}

    /// `sha256:` and 64 hexadecimal digits.
    public static func digest(_ bytes: [UInt8]) -> String {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count += UInt64(bytes.count)
        var rest = bytes[...]
        if !waiting.isEmpty {
            let missing = min(64 - waiting.count, rest.count)
            waiting.append(contentsOf: rest.prefix(missing))
            rest = rest.dropFirst(missing)
            if waiting.count < 64 { return }
            waiting.withUnsafeBytes { Self.add($0, to: &state, &words) }
            waiting.removeAll(keepingCapacity: true)
        }
        while rest.count >= 64 {
            Self.add(UnsafeRawBufferPointer(rebasing: rest.prefix(64)), to: &state, &words)
            rest = rest.dropFirst(64)
        }
        waiting.append(contentsOf: rest)
    }

    /// `sha256:` and 64 hexadecimal digits, of all that was added; nothing may be added after.
    public mutating func finish() -> String {
        let bits = count * 8
        var end: [UInt8] = [0x80] + [UInt8](repeating: 0, count: Int((119 - count % 64) % 64))
        end += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
        end.withUnsafeBytes { update($0) }
        let digits = Array("0123456789abcdef")
        let text = state.flatMap { word in
            stride(from: 28, through: 0, by: -4).map { digits[Int(word >> UInt32($0) & 15)] }
        }
        return "sha256:" + String(text)
    }

    private static func add(_ block: UnsafeRawBufferPointer, to state: inout [UInt32], _ words: inout [UInt32]) {
        for i in 0..<16 {
            words[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
        }
        for i in 16..<64 {
            let (a, b) = (words[i - 15], words[i - 2])
            let low = turn(a, 7) ^ turn(a, 18) ^ (a >> 3)
            let high = turn(b, 17) ^ turn(b, 19) ^ (b >> 10)
            words[i] = words[i - 16] &+ low &+ words[i - 7] &+ high
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let one = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
            let first = h &+ one &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ words[i]
            let zero = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ zero &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] = state[index] &+ word }
    }

    private static func turn(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
