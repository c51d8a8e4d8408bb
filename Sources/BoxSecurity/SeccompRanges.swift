internal import CSeccomp

/// The calls of one architecture that are answered by their number alone, as ranges of numbers.
///
/// libseccomp compares each number by itself, so that the kernel has thousands of instructions to check, to translate and
/// to run for its bitmap at each start. Calls that a profile allows lie side by side: a search among ranges is a tenth
/// of that. What is compared by arguments stays libseccomp's.
struct SeccompRanges {
    enum Answer: Equatable {
        /// SECCOMP_RET_*
        case action(UInt32)
        /// libseccomp's filter, which stands behind the search.
        case filter
    }

    /// From `first` on, up to the next.
    private struct Run {
        var first: UInt32
        var answer: Answer
    }

    private var runs: [Run] = []
    /// The jump of a comparison is a byte: so many ranges and different answers.
    private static let most = 200

    /// Numbers of i386's that its multiplexers stand for too, or are themselves: socketcall, ipc, recvmmsg, sendmmsg, socket …,
    /// semget ….
    private static let multiplexed: [ClosedRange<CInt>] = [
        102...102, 117...117, 337...337, 345...345, 359...373, 393...402,
    ]

    /// - Parameter rules: without those that say what happens anyway.
    init(_ rules: [SeccompRule], _ architecture: SeccompArchitecture, defaultAction: UInt32) {
        var answers: [UInt32: Answer] = [:]
        for rule in rules {
            guard case .known = rule.number else { continue }
            let number = seccomp_syscall_resolve_name_arch(architecture.token, rule.name)
            if number < 0 { continue }
            let isPlain = rule.alternatives.allSatisfy(\.isEmpty) && !Self.isMultiplexed(number, architecture)
            let answer = isPlain ? Answer.action(rule.action) : .filter
            // The first of two rules stays, but where one compares arguments libseccomp has to weigh them.
            switch answers[UInt32(number)] {
            case nil: answers[UInt32(number)] = answer
            case .filter: break
            case .action: if answer == .filter { answers[UInt32(number)] = .filter }
            }
        }
        if architecture == .x86 {
            for range in Self.multiplexed { for number in range { answers[UInt32(number)] = .filter } }
        }
        let otherwise = Answer.action(defaultAction)
        append(0, otherwise)
        for (number, answer) in answers.sorted(by: { $0.key < $1.key }) {
            append(number, answer)
            append(number + 1, otherwise)
        }
        // With x32's bit, and not at home here: libseccomp's affair.
        if architecture == .x86_64 { append(SeccompArchitecture.x32Bit, .filter) }
    }

    private static func isMultiplexed(_ number: CInt, _ architecture: SeccompArchitecture) -> Bool {
        architecture == .x86 && multiplexed.contains { $0.contains(number) }
    }

    private mutating func append(_ first: UInt32, _ answer: Answer) {
        if runs.last?.first == first { runs.removeLast() }
        if runs.last?.answer != answer { runs.append(Run(first: first, answer: answer)) }
    }

    /// Whether a rule is answered here, so that libseccomp need not know it.
    func answers(_ rule: SeccompRule, _ architecture: SeccompArchitecture) -> Bool {
        guard case .known = rule.number else { return false }
        let number = seccomp_syscall_resolve_name_arch(architecture.token, rule.name)
        return number >= 0 && answer(to: UInt32(number)) != .filter
    }

    func answer(to number: UInt32) -> Answer { runs.last { $0.first <= number }?.answer ?? .filter }

    /// struct sock_filter, 8 bytes each: expects the number in the accumulator, answers, or runs past its end into
    /// what follows. nil where there are too many ranges.
    var instructions: [UInt8]? {
        if runs.count > Self.most { return nil }
        var actions: [UInt32] = []
        for case .action(let action) in runs.map(\.answer) where !actions.contains(action) { actions.append(action) }
        if runs.count + actions.count > Self.most { return nil }
        var search = Search(runs: runs.map { ($0.first, $0.answer) }, actions: actions)
        search.add(0..<runs.count)
        return search.bytes
    }

    /// A balanced search: comparisons, each below its parent, then a return for each action; behind them the filter.
    private struct Search {
        let runs: [(first: UInt32, answer: Answer)]
        let actions: [UInt32]
        private var comparisons: [(value: UInt32, yes: Target, no: Target)] = []

        private enum Target {
            case comparison(Int)
            case answer(Answer)
        }

        init(runs: [(UInt32, Answer)], actions: [UInt32]) {
            self.runs = runs.map { (first: $0.0, answer: $0.1) }
            self.actions = actions
        }

        mutating func add(_ range: Range<Int>) { _ = target(range) }

        private mutating func target(_ range: Range<Int>) -> Target {
            if range.count == 1 { return .answer(runs[range.lowerBound].answer) }
            let middle = range.lowerBound + range.count / 2
            let index = comparisons.count
            comparisons.append((runs[middle].first, .comparison(0), .comparison(0)))
            let no = target(range.lowerBound..<middle)
            let yes = target(middle..<range.upperBound)
            comparisons[index] = (runs[middle].first, yes, no)
            return .comparison(index)
        }

        var bytes: [UInt8] {
            if comparisons.isEmpty, case .action(let action)? = runs.first?.answer {
                return Self.code(0x06, 0, 0, action)
            }
            var bytes: [UInt8] = []
            for (at, comparison) in comparisons.enumerated() {
                bytes += Self.code(
                    0x35, distance(comparison.yes, from: at), distance(comparison.no, from: at), comparison.value)
            }
            for action in actions { bytes += Self.code(0x06, 0, 0, action) }
            return bytes
        }

        private func distance(_ target: Target, from at: Int) -> UInt8 {
            let place =
                switch target {
                case .comparison(let index): index
                case .answer(.filter): comparisons.count + actions.count
                case .answer(.action(let action)):
                    comparisons.count + (actions.firstIndex(of: action) ?? actions.count)
                }
            return UInt8(place - at - 1)
        }

        private static func code(_ code: UInt8, _ yes: UInt8, _ no: UInt8, _ value: UInt32) -> [UInt8] {
            [code, 0, yes, no] + (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
    }
}
