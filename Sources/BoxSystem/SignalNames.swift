/// Signals by name and number, as Linux numbers them on x86_64 and aarch64.
public enum SignalNames {
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]
    /// The first real-time signal that glibc leaves to programs.
    private static let firstRealTime: CInt = 34

    /// The number of `SIGTERM`, `term`, `15` or `SIGRTMIN+3`; nil for what is none.
    public static func number(_ text: String) -> CInt? {
        var bare = text.uppercased()
        if bare.hasPrefix("SIG") { bare.removeFirst(3) }
        if let number = CInt(bare), (1...31).contains(number), !text.hasPrefix("+") { return number }
        if let index = names.firstIndex(of: bare) { return CInt(index + 1) }
        guard bare.hasPrefix("RTMIN+"), let offset = CInt(bare.dropFirst(6)), (0...30).contains(offset) else {
            return nil
        }
        return firstRealTime + offset
    }

    /// `SIGTERM` for 15.
    public static func name(_ number: CInt) -> String {
        if (1...31).contains(number) { return "SIG" + names[Int(number) - 1] }
        return number >= firstRealTime ? "SIGRTMIN+\(number - firstRealTime)" : "signal \(number)"
    }
}
