internal import BoxOCI
internal import BoxSystem

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
            guard let number = SignalNames.number(stopSignal) else {
                throw refusal(
                    "--stop-signal", stopSignal, "must be a signal, such as SIGTERM, INT, 15 or SIGRTMIN+3")
            }
            annotate(Pair("org.opencontainers.image.stopSignal", SignalNames.name(number)), &spec)
        }
    }

    private func annotate(_ pair: Pair, _ spec: inout Spec) {
        spec.annotations.removeAll { $0.name == pair.name }
        spec.annotations.append(pair)
    }
}
