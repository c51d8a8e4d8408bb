internal import BoxOCI

extension RunOptions {
    /// `--ulimit NAME=SOFT[:HARD]`, `--oom-score-adj` and `--sysctl`.
    func applyKernelLimits(to spec: inout Spec, _ process: inout Process) throws(BoxError) {
        for text in ulimits {
            let limit = try Ulimit.parse(text)
            if process.rlimits.contains(where: { $0.type == limit.type }) {
                throw refusal("--ulimit", text, "the limit has been given already")
            }
            spec.record("--ulimit \(text)", "process.rlimits[\(process.rlimits.count)]")
            process.rlimits.append(limit)
        }
        if let oomScoreAdj {
            guard let score = Number.signed(oomScoreAdj), (-1000...1000).contains(score) else {
                throw refusal("--oom-score-adj", oomScoreAdj, "must be a whole number between -1000 and 1000")
            }
            process.oomScoreAdj = Int(score)
            spec.record("--oom-score-adj \(oomScoreAdj)", "process.oomScoreAdj")
        }
        for text in sysctls {
            guard let (name, value) = cutPair(text) else {
                throw refusal("--sysctl", text, "must be NAME=VALUE, such as net.core.somaxconn=1024")
            }
            if spec.linux.sysctl.contains(where: { $0.name == name }) {
                throw refusal("--sysctl", text, "the name has been given already")
            }
            spec.linux.sysctl.append(Pair(name, value))
            spec.record("--sysctl \(text)", "linux.sysctl.\(name)")
        }
    }
}

enum Ulimit {
    /// Those of getrlimit(2), as `ulimit` flags name them.
    private static let names = [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
        "rtprio", "rttime", "sigpending", "stack",
    ]

    static func parse(_ text: String) throws(BoxError) -> Rlimit {
        guard let (name, values) = cutPair(text) else {
            throw refusal("--ulimit", text, "must be NAME=SOFT[:HARD], such as nofile=1024:4096")
        }
        guard names.contains(name.lowercased()) else {
            throw refusal("--ulimit", text, "unknown name", remedy: "one of " + names.joined(separator: ", "))
        }
        let numbers = values.split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard numbers.count <= 2, let soft = numbers[0], let hard = numbers[numbers.count - 1] else {
            throw refusal("--ulimit", text, "a limit must be a whole number, or -1 or unlimited")
        }
        if soft > hard { throw refusal("--ulimit", text, "the soft limit is above the hard one") }
        return Rlimit(type: "RLIMIT_" + name.uppercased(), soft: soft, hard: hard)
    }

    private static func number(_ text: Substring) -> UInt64? {
        text == "-1" || text == "unlimited" ? UInt64.max : Number.unsigned(text)
    }
}
