internal import BoxCgroup
internal import BoxSystem

extension BoxEngine {
    public func info() async throws -> EngineInfo {
        try EngineError.explaining("read about this host") {
            let cgroups = try CgroupHost.probe()
            let memory = try File.text(of: "/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
            let kilobytes = memory?.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0
            var warnings: [String] = []
            for controller in ["cpu", "memory", "io", "pids", "cpuset"] {
                if let reason = cgroups.reasonWithout(controller) {
                    warnings.append("no limits of \(controller): \(reason)")
                }
            }
            var figures = Statistics()
            try HostFigures.add(to: &figures)
            return EngineInfo(
                id: try String(File.text(of: "/etc/machine-id").prefix { $0 != "\n" }), version: Release.version,
                boxesRunning: count(.running), boxesPaused: count(.paused),
                boxesStopped: boxes.count - count(.running) - count(.paused), images: images.images.count,
                root: configuration.root, kernel: try Self.line("/proc/sys/kernel/osrelease"),
                architecture: Self.architecture, operatingSystem: try Self.operatingSystem(),
                hostname: try Self.line("/proc/sys/kernel/hostname"), cpus: figures.onlineCPUs,
                memory: kilobytes * 1024, logDriver: configuration.logDriver, cgroupVersion: 2,
                cgroupManager: "cgroupfs", warnings: warnings)
        }
    }

    private func count(_ state: BoxView.State) -> Int { boxes.values.count { $0.state == state } }

    private static func line(_ path: String) throws -> String { String(try File.text(of: path).prefix { $0 != "\n" }) }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #else
            "aarch64"
        #endif
    }

    /// os-release(5).
    private static func operatingSystem() throws -> String {
        let key = "PRETTY_NAME="
        let lines = try File.text(of: "/etc/os-release").split(separator: "\n")
        let value = lines.first { $0.hasPrefix(key) }?.dropFirst(key.count) ?? "Linux"
        return value.filter { $0 != "\"" }
    }

    public func diskUsage() async throws -> DiskUsage {
        let used = boxes.values.reduce(into: [String: Int]()) { $0[$1.resolved.imageID, default: 0] += 1 }
        let views = boxes.values.sorted { $0.created > $1.created }.map { view($0) }
        return DiskUsage(
            images: images.all.map { ($0, used[$0.id] ?? 0) }, boxes: try await measured(views))
    }
}
