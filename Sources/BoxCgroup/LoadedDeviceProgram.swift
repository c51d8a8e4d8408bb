public import BoxOCI
internal import BoxSystem

/// A device program that is in the kernel, attached or not. For one thread.
public final class LoadedDeviceProgram {
    public let program: DeviceProgram
    private let descriptor: CInt

    init(_ program: DeviceProgram, _ descriptor: consuming Descriptor) {
        self.program = program
        self.descriptor = descriptor.release()
    }

    deinit { _ = Descriptor(owning: descriptor) }

    /// See `DeviceProgram.attach`.
    public func attach(to directory: CInt) throws(BoxError) {
        do throws(Errno) {
            try BPF.attachDeviceProgram(descriptor, toCgroup: directory)
        } catch {
            throw DeviceProgram.refusal(error)
        }
    }
}
