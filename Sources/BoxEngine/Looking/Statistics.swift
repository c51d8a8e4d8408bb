internal import BoxCgroup
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

extension BoxEngine {
    /// The cgroup's figures now.
    public func stats(_ ref: String) async throws -> Statistics {
        let box = try find(ref)
        guard box.isAlive else {
            var none = Statistics()
            none.time = Moment.now
            return none
        }
        return try EngineError.explaining("read the figures of the box \(box.name)") {
            try Self.statistics(box.id, places.stateRoot)
        }
    }

    /// - Throws: `.notFound` when the box has just ended
    static func statistics(_ id: String, _ stateRoot: String) throws -> Statistics {
        let state = try Boxes.state(of: id, in: stateRoot)
        var figures = Statistics()
        figures.time = Moment.now
        try HostFigures.add(to: &figures)
        guard let path = state.cgroup, let mountPoint = try CgroupHost.probe().mountPoint else { return figures }
        let directory = try Cgroup(mountPoint: mountPoint, path: path, made: []).openDirectory()
        figures.take(try CgroupUsage(reading: directory.raw, settings: ["memory.current", "pids.current"]))
        return figures
    }

    /// Whether the kernel says that the box stands still.
    func isPaused(_ id: String) -> Bool {
        do throws(BoxError) {
            return try Boxes.state(of: id, in: places.stateRoot).status == .paused
        } catch {
            return false
        }
    }

    public func top(_ ref: String, psArguments: String) async throws -> ProcessTableView {
        let box = try find(ref)
        guard box.isAlive else { throw EngineError(.conflict, "the box \(box.name) is not running") }
        let words = psArguments.split(separator: " ").map(String.init)
        let arguments = ["--root", places.stateRoot, "ps", box.id] + (words.isEmpty ? ["-ef"] : words)
        let text = try await RuntimeProgram(configuration.runtime).output(arguments, "list the processes")
        let lines = text.split(separator: "\n")
        guard let header = lines.first else { throw EngineError(.internal, "ps printed nothing") }
        let titles = header.split(separator: " ").map(String.init)
        let rows = lines.dropFirst().map { line in
            line.split(separator: " ", maxSplits: titles.count - 1).map { String($0.drop { $0 == " " }) }
        }
        return ProcessTableView(titles: titles, processes: rows)
    }
}

extension Statistics {
    mutating func take(_ usage: CgroupUsage) {
        cpuUsage = usage.value("usage_usec", in: "cpu.stat")
        cpuUser = usage.value("user_usec", in: "cpu.stat")
        cpuSystem = usage.value("system_usec", in: "cpu.stat")
        cpuPeriods = usage.value("nr_periods", in: "cpu.stat")
        cpuThrottledPeriods = usage.value("nr_throttled", in: "cpu.stat")
        cpuThrottled = usage.value("throttled_usec", in: "cpu.stat")
        memoryUsage = usage.number("memory.current")
        memoryPeak = usage.number("memory.peak")
        memoryLimit = usage.number("memory.max")
        for (key, value) in usage.values(in: "memory.stat") { memoryStat[key] = value }
        for (key, value) in usage.values(in: "memory.events") { memoryEvents[key] = value }
        pids = usage.number("pids.current")
        pidsLimit = usage.number("pids.max")
        devices = usage.devices.compactMap { Device($0.device, $0.values) }
        for resource in ["cpu", "memory", "io"] {
            func total(_ line: String) -> UInt64? {
                usage.pressure(line, in: resource + ".pressure")?.first { $0.name == "total" }.flatMap {
                    UInt64($0.value)
                }
            }
            if let some = total("some") { pressure[resource] = Pressure(some: some, full: total("full") ?? 0) }
        }
    }
}

extension Statistics.Device {
    init?(_ name: String, _ values: [(name: String, value: UInt64)]) {
        let numbers = name.split(separator: ":").compactMap { UInt32($0) }
        guard numbers.count == 2 else { return nil }
        func value(_ key: String) -> UInt64 { values.first { $0.name == key }?.value ?? 0 }
        self.init(
            major: numbers[0], minor: numbers[1], readBytes: value("rbytes"), writtenBytes: value("wbytes"),
            reads: value("rios"), writes: value("wios"))
    }
}

/// What the whole host has used.
enum HostFigures {
    /// The first line of /proc/stat, in ticks of 10 ms (proc_stat(5)).
    static func add(to figures: inout Statistics) throws {
        let text = try File.text(of: "/proc/stat")
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("cpu") }
        let ticks = (lines.first?.split(separator: " ").dropFirst().prefix(8) ?? []).compactMap { UInt64($0) }
        figures.hostCPU = ticks.reduce(0, +) * 10_000_000
        figures.onlineCPUs = max(1, lines.count - 1)
    }
}
