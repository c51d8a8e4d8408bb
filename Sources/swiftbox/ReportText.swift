internal import BoxDocument

/// A report as people read it: a line what happened and why, then peaks against limits.
struct ReportText {
    private let report: Node
    private let isColored: Bool

    init(_ report: Node, isColored: Bool) {
        self.report = report
        self.isColored = isColored
    }

    var lines: [String] {
        var lines = [headline]
        if let remedy = text("error.try") { lines.append("  try:      \(remedy)") }
        lines += [time, processor, memory, processes].compactMap { $0 }
        lines += throttled + devices + events + denials + copies
        for member in members("unavailable") where text("status") != "failed_to_start" {
            if case .string(let why) = member.node.value { lines.append("  no \(member.key): \(why)") }
        }
        return lines
    }

    private var headline: String {
        let status = text("status") ?? ""
        let mark = status == "exited" && number("exit_code") == 0 ? paint("✔", 32) : paint("✖", 31)
        let id = text("id").map { "\($0): " } ?? ""
        return "\(mark) \(id)\(status): \(text("reason") ?? "")"
    }

    private var time: String? {
        guard let wall = number("wall_seconds") else { return nil }
        let limit = text("timeout.clock") == "wall" ? number("timeout.limit_seconds") : nil
        return row("time", Self.seconds(wall), wall, limit, limit.map(Self.seconds))
    }

    private var processor: String? {
        guard let used = number("cpu.usage_seconds") else { return nil }
        let limit = text("timeout.clock") == "cpu" ? number("timeout.limit_seconds") : nil
        let parts =
            " (user \(Self.seconds(number("cpu.user_seconds") ?? 0)), system \(Self.seconds(number("cpu.system_seconds") ?? 0)))"
        return (row("processor", Self.seconds(used), used, limit, limit.map(Self.seconds)) ?? "") + parts
    }

    private var memory: String? {
        guard let peak = number("memory.peak") else { return nil }
        let limit = number("memory.limit")
        return row("memory", Self.bytes(peak), peak, limit, limit.map(Self.bytes))
    }

    private var processes: String? {
        guard let peak = number("pids.peak") else { return nil }
        let limit = number("pids.limit")
        return row("processes", "\(Int(peak))", peak, limit, limit.map { "\(Int($0))" })
    }

    private var throttled: [String] {
        guard let periods = number("cpu.throttled_periods"), periods > 0 else { return [] }
        let all = Int(number("cpu.periods") ?? 0)
        return [
            "  throttled  \(Self.seconds(number("cpu.throttled_seconds") ?? 0)) in \(Int(periods)) of \(all) periods"
        ]
    }

    private var devices: [String] {
        elements("io").map { device in
            let read = Self.number(device["read_bytes"]) ?? 0
            let written = Self.number(device["written_bytes"]) ?? 0
            return
                "  disk \(Self.string(device["device"]) ?? "")  read \(Self.bytes(read)), written \(Self.bytes(written))"
        }
    }

    private var events: [String] {
        elements("events").compactMap { event in
            let words = [
                "oom_kill": "processes killed, out of memory", "pids_limit": "forks refused",
                "memory_limit": "times at the memory limit",
            ]
            guard let kind = Self.string(event["kind"]), let count = Self.number(event["count"]), let what = words[kind]
            else {
                return nil
            }
            return "  \(Int(count)) \(what)"
        }
    }

    private var denials: [String] {
        elements("denials").map { one in
            let count = Int(Self.number(one["count"]) ?? 0)
            return "  denied     \(Self.string(one["syscall"]) ?? "") \(count)x (\(Self.string(one["process"]) ?? ""))"
        }
    }

    private var copies: [String] {
        elements("copy_out").map { copy in
            let from = Self.string(copy["from"]) ?? ""
            if let error = Self.string(copy["error"]) { return "  copied out \(from): \(error)" }
            return
                "  copied out \(from): \(Self.bytes(Self.number(copy["bytes"]) ?? 0)) to \(Self.string(copy["to"]) ?? "")"
        }
    }

    // MARK: rows

    /// A figure, and as a bar how near it came to its limit.
    private func row(_ name: String, _ shown: String, _ value: Double, _ limit: Double?, _ shownLimit: String?)
        -> String?
    {
        let head = "  \(name)" + String(repeating: " ", count: max(1, 11 - name.count)) + shown
        guard let limit, limit > 0, let shownLimit else { return head }
        let share = min(1, value / limit)
        let filled = Int((share * 20).rounded())
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let color = share > 0.9 ? 31 : share > 0.7 ? 33 : 32
        return "\(head) of \(shownLimit)  \(paint(bar, color)) \(Int((share * 100).rounded())) %"
    }

    private func paint(_ text: String, _ color: Int) -> String { isColored ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text }

    /// Three digits that count.
    private static func short(_ value: Double) -> String {
        let factor = value >= 100 ? 1.0 : value >= 10 ? 10.0 : 100.0
        let rounded = (value * factor).rounded() / factor
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func seconds(_ value: Double) -> String {
        value < 1 ? "\(short(value * 1000)) ms" : "\(short(value)) s"
    }

    private static func bytes(_ value: Double) -> String {
        for (size, name) in [(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB")] where value >= size {
            return "\(short(value / size)) \(name)"
        }
        return "\(Int(value)) B"
    }

    // MARK: the document

    private func node(_ path: String) -> Node? {
        var node: Node? = report
        for key in path.split(separator: ".") { node = node?[String(key)] }
        return node
    }

    private func text(_ path: String) -> String? { Self.string(node(path)) }
    private func number(_ path: String) -> Double? { Self.number(node(path)) }

    private func elements(_ path: String) -> [Node] {
        if case .array(let all)? = node(path)?.value { return all }
        return []
    }

    private func members(_ path: String) -> [Member] {
        if case .object(let all)? = node(path)?.value { return all }
        return []
    }

    private static func string(_ node: Node?) -> String? {
        if case .string(let text)? = node?.value { return text }
        return nil
    }

    private static func number(_ node: Node?) -> Double? {
        switch node?.value {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
