import Foundation
import FuzzInputs
import Testing

/// A short campaign, the same on every run: the seeds, every cut of them, and mutations of them.
/// `Tests/Fuzz/campaign.sh` is the long one, which learns from what it covers.
@Suite struct FuzzTests {
    private static let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Seeds")

    private func seeds(_ input: FuzzInput) throws -> [[UInt8]] {
        let directory = Self.seeds.appending(path: input.rawValue).path
        return try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map {
            Array(try Data(contentsOf: URL(filePath: directory + "/" + $0)))
        }
    }

    @Test(arguments: FuzzInput.allCases) func seedsAreAccepted(_ input: FuzzInput) throws {
        let seeds = try seeds(input)
        #expect(!seeds.isEmpty)
        for seed in seeds { #expect(input.accepts(seed), "\(input)") }
    }

    @Test(arguments: FuzzInput.allCases) func mutationsTrapNothing(_ input: FuzzInput) throws {
        for seed in try seeds(input) {
            let step = max(1, seed.count / 100)
            for length in stride(from: 0, to: seed.count, by: step) { _ = input.accepts(Array(seed[..<length])) }
            var random = Seeded(state: UInt64(seed.count))
            var refused = 0
            for _ in 0..<300 {
                var bytes = seed
                for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes, &random) }
                if !input.accepts(bytes) { refused += 1 }
            }
            // A reader that took everything would pass too.
            #expect(refused > 0 || input == .cgroup, "\(input)")
        }
    }

    private static let words = [
        "null", "true", "-1", "0", "18446744073709551615", "9223372036854775808", "1e400", "\"\"", "[]", "{}", "\u{0}",
        "\\u0000", "\"\\ud800\"", "..", "/", "\n", ":", ",", "\u{FEFF}", "&a", "*a", "4294967295", "é",
    ].map { Array($0.utf8) }

    private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 0...20, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.replaceSubrange(at..<end, with: Self.words.randomElement(using: &random) ?? [])
        case 1: bytes.removeSubrange(at..<end)
        case 2: bytes.insert(contentsOf: Array(bytes[at..<end]), at: Int.random(in: 0...bytes.count, using: &random))
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        default: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        }
    }
}
