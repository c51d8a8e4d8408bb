import BoxSystem
import TestBed
import Testing

/// All tests of this bed, one after another: `extension GuestBed { @Suite struct Topic { … } }`.
@Suite(.serialized, .leakChecked, .enabled(if: Bed.isGuest, "needs the guest: sh Tests/run.sh guest"))
enum GuestBed {}

/// The guest's cgroup2 file system.
enum Cgroups {
    static let top = "/sys/fs/cgroup"

    /// The words of a cgroup's file, by its path: `swiftbox-name/cpu.stat`.
    static func words(_ path: String) throws -> [String] {
        try File.text(of: "\(top)/\(path)").split { $0.isWhitespace }.map(String.init)
    }

    /// A number of a flat-keyed file.
    static func number(_ key: String, in path: String) throws -> Double? {
        let words = try words(path)
        guard let at = words.firstIndex(of: key), at + 1 < words.count else { return nil }
        return Double(words[at + 1])
    }

    static func write(_ value: String, to path: String) throws {
        try File.writeValue(value, to: "\(top)/\(path)")
    }
}

extension Outcome {
    /// The number after a word of the output: `seconds 2.084`.
    func number(after word: String) -> Double? {
        let words = output.split { $0.isWhitespace }
        guard let at = words.firstIndex(of: Substring(word)), at + 1 < words.count else { return nil }
        return Double(words[at + 1])
    }
}

/// Whether a measured value is as near to the wanted one as `tolerance`, 0.1 for 10 %. nil is not.
func isNear(_ value: Double?, _ wanted: Double, within tolerance: Double) -> Bool {
    value.map { abs($0 - wanted) <= wanted * tolerance } ?? false
}
