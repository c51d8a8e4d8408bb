public import BoxOCI
internal import BoxSystem

/// A device program that has taken another's place, and the way back. One thread only.
public final class DeviceReplacement {
    private let directory: CInt
    private let new: CInt
    private let old: CInt?

    fileprivate init(_ directory: CInt, new: CInt, old: CInt?) {
        self.directory = directory
        self.new = new
        self.old = old
    }

    deinit {
        _ = Descriptor(owning: new)
        if let old { _ = Descriptor(owning: old) }
    }

    func undo() throws(BoxError) {
        try explaining(DeviceProgram.refusal) { () throws(Errno) in
            if let old {
                try BPF.replaceDeviceProgram(new, by: old, inCgroup: directory)
            } else {
                try BPF.detachDeviceProgram(new, fromCgroup: directory)
            }
        }
    }
}

extension DeviceProgram {
    /// Loads the program and puts it in the place of the one that `attach` gave the cgroup, in one step: between the two
    /// no device can be opened that both forbid. Attaches it where there was none.
    public func replace(in directory: CInt) throws(BoxError) -> DeviceReplacement {
        do throws(Errno) {
            let program = try BPF.loadCgroupDeviceProgram(instructions, name: Self.name)
            if let old = try BPF.deviceProgram(named: Self.name, ofCgroup: directory) {
                try BPF.replaceDeviceProgram(old.raw, by: program.raw, inCgroup: directory)
                return DeviceReplacement(directory, new: program.release(), old: old.release())
            }
            try BPF.attachDeviceProgram(program.raw, toCgroup: directory)
            return DeviceReplacement(directory, new: program.release(), old: nil)
        } catch {
            throw Self.refusal(error)
        }
    }
}
