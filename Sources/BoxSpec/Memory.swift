internal import BoxOCI

extension RunOptions {
    /// A box with less dies before its first instruction; the number without a unit is the usual reason.
    private static let leastMemory: UInt64 = 1 << 20

    /// `--memory` and its relatives → `linux.resources.memory`; memory.high and memory.min go to `unified`.
    func applyMemory(to spec: inout Spec) throws(BoxError) {
        var values = Resources.Memory()
        if let memory {
            values.limit = Int64(try Size.bytes(memory, atLeast: Self.leastMemory, flag: "--memory"))
            spec.record("--memory \(memory)", "linux.resources.memory.limit")
        }
        if let memorySwap {
            values.swap = try swapTotal(memorySwap, memory: values.limit)
            spec.record("--memory-swap \(memorySwap)", "linux.resources.memory.swap")
        }
        if let memoryReservation {
            values.reservation = Int64(try lower(memoryReservation, than: values.limit, "--memory-reservation"))
            spec.record("--memory-reservation \(memoryReservation)", "linux.resources.memory.reservation")
        }
        if values != Resources.Memory() { spec.linux.resources.memory = values }
        if let memoryHigh {
            let size = try Size.bytes(memoryHigh, atLeast: Self.leastMemory, flag: "--memory-high")
            spec.setUnified("memory.high", "\(size)", "--memory-high \(memoryHigh)")
        }
        if let memoryMin {
            let size = try lower(memoryMin, than: values.limit, "--memory-min")
            spec.setUnified("memory.min", "\(size)", "--memory-min \(memoryMin)")
        }
    }

    /// Memory plus swap, as engines count it; -1 is unlimited.
    private func swapTotal(_ text: String, memory limit: Int64?) throws(BoxError) -> Int64 {
        if text == "-1" { return -1 }
        let total = Int64(try Size.bytes(text, flag: "--memory-swap"))
        guard let limit else {
            throw refusal("--memory-swap", text, "counts memory plus swap, so it needs --memory")
        }
        if total < limit {
            throw refusal(
                "--memory-swap", text, "counts memory plus swap, so it cannot be less than --memory \(memory ?? "")",
                remedy: "the same value as --memory allows no swap, -1 any amount")
        }
        return total
    }

    private func lower(_ text: String, than limit: Int64?, _ flag: String) throws(BoxError) -> UInt64 {
        let size = try Size.bytes(text, flag: flag)
        if let limit, size > UInt64(limit) {
            throw refusal(flag, text, "cannot be more than --memory \(memory ?? "")")
        }
        return size
    }
}
