internal import BoxOCI

/// What swiftbox makes of and for the id of a box; `BoxName` says which ids there are.
public enum BoxID {
    /// Twelve hexadecimal digits from six random bytes.
    public static func random(from bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.prefix(6).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The id as a host name: what no host name may hold becomes a hyphen, and 63 characters are kept.
    static func hostname(_ id: String) -> String {
        let mapped = id.map { $0 == "_" || $0 == "+" ? "-" : $0 }.prefix(63)
        return String(mapped.reversed().drop { $0 == "-" || $0 == "." }.reversed())
    }

}

extension RunOptions {
    /// `--hostname`, labels, annotations, the stop signal.
    func applyIdentity(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        spec.hostname = hostname ?? BoxID.hostname(context.id)
        if let hostname { spec.record("--hostname \(hostname)", "hostname") }
        for text in labels {
            // A label without a value is a mark.
            let pair = cutPair(text) ?? (text, "")
            guard !pair.name.isEmpty, !pair.name.hasPrefix("=") else {
                throw refusal("--label", text, "must be NAME or NAME=VALUE")
            }
            annotate(Pair(pair.name, pair.value), &spec)
        }
        for text in annotations {
            guard let (name, value) = cutPair(text) else {
                throw refusal("--annotation", text, "must be NAME=VALUE")
            }
            annotate(Pair(name, value), &spec)
        }
        if let stopSignal {
            annotate(Pair("org.opencontainers.image.stopSignal", try Signals.name(stopSignal)), &spec)
        }
    }

    private func annotate(_ pair: Pair, _ spec: inout Spec) {
        spec.annotations.removeAll { $0.name == pair.name }
        spec.annotations.append(pair)
    }
}

/// Signals by name or number, as Linux numbers them on x86_64 and aarch64.
enum Signals {
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    /// `SIGTERM` for `term`, `SIGTERM` or `15`; `SIGRTMIN+3` as it stands.
    static func name(_ text: String) throws(BoxError) -> String {
        var bare = text.uppercased()
        if bare.hasPrefix("SIG") { bare.removeFirst(3) }
        if let number = Number.unsigned(text), (1...31).contains(number) { return "SIG" + names[Int(number) - 1] }
        if names.contains(bare) { return "SIG" + bare }
        if bare.hasPrefix("RTMIN+"), let offset = Number.unsigned(bare.dropFirst(6)), offset <= 30 {
            return "SIG" + bare
        }
        throw refusal("--stop-signal", text, "must be a signal, such as SIGTERM, INT, 15 or SIGRTMIN+3")
    }
}
