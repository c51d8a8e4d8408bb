internal import BoxSystem

/// The descriptors that a plan's steps make for one another, by name. Closed together. One thread only.
final class Slots {
    private var numbers: [Slot: CInt] = [:]

    func put(_ descriptor: consuming Descriptor, _ slot: Slot) {
        if let old = numbers.updateValue(descriptor.release(), forKey: slot) { _ = Descriptor(owning: old) }
    }

    /// The number behind a name, or EBADF: then a step runs before the one that it builds on.
    func get(_ slot: Slot) throws(Errno) -> CInt {
        guard let number = numbers[slot] else { throw .badFileDescriptor }
        return number
    }

    func has(_ slot: Slot) -> Bool { numbers[slot] != nil }

    func close(_ slot: Slot) {
        if let number = numbers.removeValue(forKey: slot) { _ = Descriptor(owning: number) }
    }

    deinit {
        for number in numbers.values { _ = Descriptor(owning: number) }
    }
}
