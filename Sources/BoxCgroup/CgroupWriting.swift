public import BoxOCI
internal import BoxSystem

extension Cgroup {
    /// Writes one setting (one write(2)). `.unsupported` when the kernel cannot do it at all, `.invalidSpec` when it
    /// refuses the value, `.denied` without the right to. Thread-safe.
    public static func write(_ setting: CgroupSetting, in directory: CInt) throws(BoxError) {
        do throws(Errno) {
            try File.writeValue(setting.value, to: setting.file, at: directory)
        } catch {
            throw refusal(setting, error)
        }
    }

    static func refusal(_ setting: CgroupSetting, _ error: Errno) -> BoxError {
        let what = "cannot apply \(setting.asked)"
        let written = "\"\(setting.value)\" to \(setting.file)"
        func make(_ kind: BoxError.Kind, _ reason: String, found: String? = nil, remedy: String? = nil) -> BoxError {
            BoxError(kind, "\(what): \(reason)", field: setting.name, errno: error, found: found, remedy: remedy)
        }
        let bestEffort = setting.optional ? nil : "pass --best-effort to run without it"
        switch error {
        case .noSuchFileOrDirectory:
            return make(.unsupported, "the kernel has no file \(setting.file)", remedy: bestEffort)
        case .notSupportedOnSocket:
            return make(.unsupported, "the kernel or the device does not support \(setting.file)", remedy: bestEffort)
        case .operationNotSupportedByDevice, .noSuchAddressOrDevice:
            return make(.invalidSpec, "there is no such device, or it cannot be limited", found: "wrote \(written)")
        case .invalidArgument:
            return make(.invalidSpec, "the kernel refuses the value", found: "wrote \(written)")
        case .outOfRange, .overflow:
            return make(.invalidSpec, "the value is out of the kernel's range", found: "wrote \(written)")
        case .resourceBusy:
            return make(
                .invalidState, "it conflicts with what the cgroup or its neighbours use", found: "wrote \(written)")
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            return make(
                .denied, "\(setting.file) cannot be written",
                remedy: askForDelegation)
        default: return make(.kernel, "\(setting.file) cannot be written", found: "wrote \(written)")
        }
    }
}
