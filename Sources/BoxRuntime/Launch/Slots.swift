internal import BoxSystem

/// The descriptors that a plan's steps make for one another, by name. Closed together. One thread only.
final class Slots {
    /// A dozen at most: found faster one by one than by hash.
    private var numbers: [Filled] = []

    private struct Filled {
        let slot: Slot
        let number: CInt
    }

    func put(_ descriptor: consuming Descriptor, _ slot: Slot) {
        close(slot)
        numbers.append(Filled(slot: slot, number: descriptor.release()))
    }

    /// The number behind a name, or EBADF: then a step runs before the one that it builds on.
    func get(_ slot: Slot) throws(Errno) -> CInt {
        guard let filled = numbers.first(where: { $0.slot == slot }) else { throw .badFileDescriptor }
        return filled.number
    }

    func has(_ slot: Slot) -> Bool { numbers.contains { $0.slot == slot } }

    func close(_ slot: Slot) {
        guard let index = numbers.firstIndex(where: { $0.slot == slot }) else { return }
        _ = Descriptor(owning: numbers.remove(at: index).number)
    }

    deinit {
        for filled in numbers { _ = Descriptor(owning: filled.number) }
    }
}
