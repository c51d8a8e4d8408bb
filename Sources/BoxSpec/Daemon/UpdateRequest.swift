public import BoxDocument
public import BoxOCI

/// Changes of a box as Docker's API takes them: the body of `POST /containers/{}/update`. Pure; safe on any thread.
public enum UpdateRequest {
    /// - Throws: `.invalidSpec` for a value that cannot be used, naming the flag, and where nothing is changed.
    public static func document(_ options: RunOptions, restart: String?) throws(BoxError) -> Node {
        var members: [Member] = []
        func set(_ key: String, _ value: UInt64) { members.append(Member(key, Node(.integer(Int64(value))))) }
        if let text = options.memory { set("Memory", try Size.bytes(text, flag: "--memory")) }
        if let text = options.memorySwap {
            if text == "-1" {
                members.append(Member("MemorySwap", Node(.integer(-1))))
            } else {
                set("MemorySwap", try Size.bytes(text, flag: "--memory-swap"))
            }
        }
        if let text = options.memoryReservation {
            set("MemoryReservation", try Size.bytes(text, flag: "--memory-reservation"))
        }
        if let text = options.cpus {
            guard let billionths = DecimalNumber(text).flatMap({ $0.times(1_000_000_000) }), billionths > 0,
                billionths <= UInt64(Int64.max)
            else { throw refusal("--cpus", text, "must be a number of processors, such as 1.5") }
            set("NanoCpus", billionths)
        }
        if let text = options.cpuShares { set("CpuShares", try number(text, 2...262_144, "--cpu-shares")) }
        for (key, text) in [("CpusetCpus", options.cpusetCPUs), ("CpusetMems", options.cpusetMems)] {
            if let text { members.append(Member(key, Node(.string(text)))) }
        }
        if let text = options.pidsLimit {
            if text == "-1" {
                members.append(Member("PidsLimit", Node(.integer(-1))))
            } else {
                set("PidsLimit", try number(text, 1...UInt64(Int32.max), "--pids-limit"))
            }
        }
        if let restart { members.append(Member("RestartPolicy", try policy(restart))) }
        if members.isEmpty {
            throw BoxError(.invalidSpec, "nothing is to be changed", remedy: "swiftbox update --help lists the flags")
        }
        return Node(.object(members))
    }

    private static func number(_ text: String, _ range: ClosedRange<UInt64>, _ flag: String) throws(BoxError) -> UInt64
    {
        guard let value = Number.unsigned(text), range.contains(value) else {
            throw refusal(flag, text, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func policy(_ text: String) throws(BoxError) -> Node {
        var daemon = DaemonOptions()
        daemon.restart = text
        _ = try daemon.members()
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let count = parts.count == 2 ? Int64(parts[1]) ?? 0 : 0
        return Node(
            .object([
                Member("Name", Node(.string(parts[0]))), Member("MaximumRetryCount", Node(.integer(count))),
            ]))
    }
}
