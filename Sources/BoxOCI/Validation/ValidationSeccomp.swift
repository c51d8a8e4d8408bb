extension Seccomp {
    func validate() throws(BoxError) {
        if defaultAction == "SCMP_ACT_NOTIFY" {
            throw invalid(
                "linux.seccomp.defaultAction", "must not be SCMP_ACT_NOTIFY: nobody could answer for every call")
        }
        try validate(defaultErrnoRet, of: defaultAction, "linux.seccomp.defaultErrnoRet")
        if let listenerPath {
            try requireAbsolute(listenerPath, "linux.seccomp.listenerPath")
        } else if listenerMetadata != nil {
            throw invalid("linux.seccomp.listenerMetadata", "needs linux.seccomp.listenerPath")
        }
        // A rule a name and architecture: building the filter takes time that grows with the square.
        let names = syscalls.reduce(0) { $0 + $1.names.count }
        if names > 16384 {
            throw invalid("linux.seccomp.syscalls", "names more than 16384 system calls in all, found \(names)")
        }
        for (index, syscall) in syscalls.enumerated() { try validate(syscall, "linux.seccomp.syscalls[\(index)]") }
    }

    private func validate(_ syscall: Syscall, _ field: @autoclosure () -> String) throws(BoxError) {
        if let empty = syscall.names.firstIndex(of: "") { throw invalid("\(field()).names[\(empty)]", "is empty") }
        try validate(syscall.errnoRet, of: syscall.action, "\(field()).errnoRet")
        if syscall.action == "SCMP_ACT_NOTIFY" {
            if listenerPath == nil {
                throw invalid("\(field()).action", "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath")
            }
            // The descriptor that listens is sent by this call, made under the filter.
            if syscall.names.contains("write") || syscall.names.contains("sendmsg") {
                throw invalid("\(field()).action", "SCMP_ACT_NOTIFY is not possible for write and sendmsg")
            }
        }
        for (index, argument) in syscall.args.enumerated() {
            try require(argument.index, in: 0...5, "\(field()).args[\(index)].index")
        }
    }

    private func validate(_ errno: UInt32?, of action: String, _ field: @autoclosure () -> String) throws(BoxError) {
        guard let errno else { return }
        switch action {
        // MAX_ERRNO of the kernel; TRACE has 16 bits of data.
        case "SCMP_ACT_ERRNO": try require(errno, in: 0...4095, field())
        case "SCMP_ACT_TRACE": try require(errno, in: 0...65535, field())
        default: throw invalid(field(), "means nothing for \(action), only for SCMP_ACT_ERRNO and SCMP_ACT_TRACE")
        }
    }
}
