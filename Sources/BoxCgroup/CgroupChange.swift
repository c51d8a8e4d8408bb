public import BoxOCI
internal import BoxSystem

/// Changes of a living cgroup that can be taken back: every value is read before it is written. One thread only.
public final class CgroupChange {
    private let directory: CInt
    private var before: [CgroupSetting] = []
    private var devices: DeviceReplacement?

    /// The descriptor stays the caller's.
    public init(in directory: CInt) { self.directory = directory }

    /// Writes the settings in their order. A failure leaves those before it in place: `undo` takes them back.
    /// Returns what was asked with `--best-effort` and could not be done.
    public func write(_ settings: [CgroupSetting]) throws(BoxError) -> [BoxError] {
        var warnings: [BoxError] = []
        for setting in settings {
            do throws(BoxError) {
                try write(setting)
            } catch {
                if !setting.optional { throw error }
                warnings.append(error)
            }
        }
        return warnings
    }

    private func write(_ setting: CgroupSetting) throws(BoxError) {
        var old = setting
        do throws(Errno) {
            old.value = Self.restoring(setting, from: try text(of: setting.file))
        } catch {
            throw Cgroup.refusal(setting, error)
        }
        try Cgroup.write(setting, in: directory)
        before.append(old)
    }

    /// A list of cpus or nodes that is empty is inherited, and cannot be made empty again as long as there are processes
    /// (ENOSPC): what it comes to at present stands for it.
    private func text(of file: String) throws(Errno) -> String {
        let text = try File.text(of: file, at: directory)
        guard file == "cpuset.cpus" || file == "cpuset.mems", text == "\n" else { return text }
        return try File.text(of: file + ".effective", at: directory)
    }

    /// Puts a device program in the place of the box's own.
    public func replaceDevices(_ program: DeviceProgram) throws(BoxError) {
        devices = try program.replace(in: directory)
    }

    /// Everything back to what it was, the last change first. What resists is told.
    public func undo() -> [BoxError] {
        var problems: [BoxError] = []
        do throws(BoxError) {
            try devices?.undo()
        } catch {
            problems.append(error)
        }
        devices = nil
        while let setting = before.popLast() {
            do throws(BoxError) {
                try Cgroup.write(setting, in: directory)
            } catch {
                problems.append(error)
            }
        }
        return problems
    }

    /// What to write to get the present `text` of the file back, once the setting has been written. Of a file with a line
    /// a device or resource, it is the line of the same key; where it has none, the key's default.
    static func restoring(_ setting: CgroupSetting, from text: String) -> String {
        let trimmed = text.last == "\n" ? String(text.dropLast()) : text
        guard let key = setting.value.split(separator: " ").first, let unlimited = defaults(of: setting.file) else {
            // Nothing at all would not reach the kernel.
            return trimmed.isEmpty ? "\n" : trimmed
        }
        let line = trimmed.split(separator: "\n").first { $0.split(separator: " ").first == key }
        return line.map(String.init) ?? "\(key) \(unlimited)"
    }

    /// For the files with keys: cgroup v2 documentation, io.max, io.weight, rdma.max, misc.max.
    private static func defaults(of file: String) -> String? {
        switch file {
        case "io.max": "rbps=max wbps=max riops=max wiops=max"
        case "io.weight", "io.bfq.weight": "default"
        case "io.latency": "target=0"
        case "rdma.max": "hca_handle=max hca_object=max"
        case "misc.max", "dmem.max": "max"
        case "dmem.low", "dmem.min": "0"
        default: nil
        }
    }
}
