public import SystemPackage

/// The kernel's error numbers, as swift-system has them.
public typealias Errno = SystemPackage.Errno

/// Turns what a function of CBoxLinux returned, a value or -errno, into a value or a thrown error.
@discardableResult
public func check(_ result: Int) throws(Errno) -> Int {
    if result < 0 { throw Errno(rawValue: CInt(-result)) }
    return result
}

/// Repeats a call that a signal interrupted (EINTR).
@discardableResult
public func checkRetrying(_ call: () -> Int) throws(Errno) -> Int {
    while true {
        let result = call()
        if result != -Int(Errno.interrupted.rawValue) { return try check(result) }
    }
}

/// Runs a call for which one answer of the kernel's is as good as success; whether it succeeded itself.
@discardableResult
public func tolerating(_ expected: Errno, _ call: () throws(Errno) -> Void) throws(Errno) -> Bool {
    do {
        try call()
        return true
    } catch {
        if error != expected { throw error }
        return false
    }
}
