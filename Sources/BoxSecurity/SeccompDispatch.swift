/// The head of the program: picks the filter by architecture and answers, before any filter sees them,
/// calls newer than the profile and calls that libseccomp does not know.
///
///     load arch
///     x86_64?  load nr; x32 bit? … ; above the highest? ENOSYS; newer calls; go to the filter
///     i386?    load nr; above the highest? ENOSYS; newer calls; socketcall and ipc; go to the filter
///     kill
///     filters, one after the other
///
/// Only loads, comparisons and returns, so that the kernel can keep its bitmap of calls always allowed.
enum SeccompDispatch {
    /// Where ARM's private calls begin (cacheflush, set_tls …); they end below `armPrivateEnd`.
    static let armPrivate: CInt = 0xf0000
    static let armPrivateEnd: UInt32 = 0x100000
    private static let enosys = SeccompNames.errnoAction | 38

    private enum Step {
        case loadArchitecture, loadNumber, loadCall
        /// Compare with BPF_JEQ, JGT or JGE, and jump over so many steps.
        case ifEqual(UInt32, then: Int, else: Int)
        case ifAbove(UInt32, then: Int, else: Int)
        case ifAtLeast(UInt32, then: Int, else: Int)
        case mask(UInt32)
        case answer(UInt32)
        case filter(Int)
    }

    /// - Parameter answerENOSYS: whether a number above the highest that the profile names answers ENOSYS.
    static func join(_ filters: [SeccompFilter], answerENOSYS: Bool) -> [UInt8] {
        var head: [Step] = [.loadArchitecture]
        for (index, filter) in filters.enumerated() where filter.architecture != .x32 {
            var group = entry(filter, index, answerENOSYS)
            if filter.architecture == .x86_64 {
                let x32 = filters.firstIndex { $0.architecture == .x32 }
                let above = x32.map { entry(filters[$0], $0, answerENOSYS) } ?? withoutX32(index, answerENOSYS)
                group = [.ifAtLeast(SeccompArchitecture.x32Bit, then: group.count, else: 0)] + group + above
            }
            head.append(.ifEqual(filter.architecture.auditToken, then: 0, else: group.count + 1))
            head.append(.loadNumber)
            head.append(contentsOf: group)
        }
        // What libseccomp answers to an architecture that a filter does not name: SECCOMP_RET_KILL_THREAD.
        head.append(.answer(0))
        return encode(head, filters)
    }

    /// The checks before filter `index`, the number loaded.
    private static func entry(_ filter: SeccompFilter, _ index: Int, _ answerENOSYS: Bool) -> [Step] {
        var steps: [Step] = []
        if answerENOSYS, let highest = filter.highest {
            if filter.architecture == .arm {
                steps.append(.ifAtLeast(armPrivateEnd, then: 2, else: 0))
                steps.append(.ifAtLeast(UInt32(armPrivate), then: 2, else: 0))
            }
            steps.append(.ifAbove(highest, then: 0, else: 1))
            steps.append(.answer(enosys))
        }
        for call in filter.newer {
            steps.append(.ifEqual(call.number, then: 0, else: 1))
            steps.append(.answer(call.action))
        }
        for number in SeccompMultiplexer.numbers {
            guard let answers = filter.multiplexer?.answers[number] else { continue }
            steps.append(.ifEqual(number, then: 0, else: 3 + 2 * answers.count))
            steps.append(.loadCall)
            steps.append(.mask(SeccompMultiplexer.callMask))
            for (call, action) in answers.sorted(by: { $0.key < $1.key }) {
                steps.append(.ifEqual(call, then: 0, else: 1))
                steps.append(.answer(action))
            }
            steps.append(.loadNumber)
        }
        return steps + [.filter(index)]
    }

    /// Numbers with x32's bit where the profile does not name x32. The sign bit makes no call at all.
    private static func withoutX32(_ index: Int, _ answerENOSYS: Bool) -> [Step] {
        answerENOSYS
            ? [.ifAtLeast(0x8000_0000, then: 0, else: 1), .answer(enosys), .filter(index)] : [.filter(index)]
    }

    private static func encode(_ head: [Step], _ filters: [SeccompFilter]) -> [UInt8] {
        var starts: [Int] = []
        var end = head.count
        for filter in filters {
            starts.append(end)
            end += filter.instructions.count / 8
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end * 8)
        for (at, step) in head.enumerated() { encode(step, at, starts, into: &bytes) }
        for filter in filters { bytes.append(contentsOf: filter.instructions) }
        return bytes
    }

    /// struct sock_filter in the byte order of both processors, little-endian.
    private static func encode(_ step: Step, _ at: Int, _ starts: [Int], into bytes: inout [UInt8]) {
        func add(_ code: UInt8, _ yes: Int, _ no: Int, _ value: UInt32) {
            bytes += [code, 0, UInt8(yes), UInt8(no)]
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        switch step {
        case .loadArchitecture: add(0x20, 0, 0, 4)
        case .loadNumber: add(0x20, 0, 0, 0)
        // The lower half of the first argument; i386 has no upper.
        case .loadCall: add(0x20, 0, 0, 16)
        case .mask(let value): add(0x54, 0, 0, value)
        case .ifEqual(let value, let yes, let no): add(0x15, yes, no, value)
        case .ifAbove(let value, let yes, let no): add(0x25, yes, no, value)
        case .ifAtLeast(let value, let yes, let no): add(0x35, yes, no, value)
        case .answer(let action): add(0x06, 0, 0, action)
        case .filter(let index): add(0x05, 0, 0, UInt32(starts[index] - at - 1))
        }
    }
}
