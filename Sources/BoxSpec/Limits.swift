internal import BoxOCI

extension RunOptions {
    /// Processes and threads a box may have when nobody says otherwise.
    static let defaultPids: Int64 = 4096

    /// pids, hugetlb and raw cgroup files. Last of the limits: it knows which files the others have taken.
    func applyLimits(to spec: inout Spec) throws(BoxError) {
        try applyPids(to: &spec)
        for text in hugetlb { try applyHugetlb(text, to: &spec) }
        for text in cgroup { try applyCgroupFile(text, to: &spec) }
    }

    private func applyPids(to spec: inout Spec) throws(BoxError) {
        let field = "linux.resources.pids.limit"
        guard let pidsLimit else {
            if cgroup.contains(where: { $0.hasPrefix("pids.max=") }) { return }
            spec.linux.resources.pids = .init(limit: Self.defaultPids)
            spec.box.defaults.append(field)
            spec.record("--pids-limit \(Self.defaultPids)", field)
            return
        }
        guard let limit = Number.signed(pidsLimit), limit == -1 || limit > 0 else {
            throw refusal("--pids-limit", pidsLimit, "must be a whole number of at least 1, or -1 for no limit")
        }
        spec.linux.resources.pids = .init(limit: limit)
        spec.record("--pids-limit \(pidsLimit)", field)
    }

    /// `2m=1g`: at most 1 GiB of huge pages of 2 MiB.
    private func applyHugetlb(_ text: String, to spec: inout Spec) throws(BoxError) {
        guard let (page, limitText) = cutPair(text) else {
            throw refusal("--hugetlb", text, "must be SIZE=LIMIT, such as 2m=1g")
        }
        let bare = page.lowercased().hasSuffix("b") ? String(page.dropLast()) : page
        guard let size = Size.parse(bare), size >= 1024, size & (size - 1) == 0 else {
            throw refusal("--hugetlb", text, "the page size must be a power of two, such as 2m or 1g")
        }
        let limit = try Size.bytes(limitText, flag: "--hugetlb")
        // The kernel names the files by the largest unit that fits.
        let name = size >= 1 << 30 ? "\(size >> 30)GB" : size >= 1 << 20 ? "\(size >> 20)MB" : "\(size >> 10)KB"
        if spec.linux.resources.hugepageLimits.contains(where: { $0.pageSize == name }) {
            throw refusal("--hugetlb", text, "pages of \(name) have been given a limit already")
        }
        let index = spec.linux.resources.hugepageLimits.count
        spec.record("--hugetlb \(text)", "linux.resources.hugepageLimits[\(index)]")
        spec.linux.resources.hugepageLimits.append(.init(pageSize: name, limit: limit))
    }

    /// `FILE=VALUE`, written as it stands; a file that another flag writes is refused.
    private func applyCgroupFile(_ text: String, to spec: inout Spec) throws(BoxError) {
        guard let (file, value) = cutPair(text), file.contains("."), !file.hasPrefix("."),
            file.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 > 32 && $0 < 127 }), !value.contains("\n")
        else {
            throw refusal("--cgroup", text, "must be FILE=VALUE with a cgroup v2 file, such as memory.high=512m")
        }
        if let owner = cgroupFileOwner(file, in: spec) {
            throw conflict("--cgroup \(text)", with: owner, "both set \(file)")
        }
        spec.setUnified(file, value, "--cgroup \(text)")
    }

    private func cgroupFileOwner(_ file: String, in spec: Spec) -> String? {
        if spec.linux.resources.unified.contains(where: { $0.name == file }) {
            return spec.box.flags.first { $0.name == "linux.resources.unified.\(file)" }?.value
        }
        let fields: [String: [String]] = [
            "memory.max": ["memory.limit"], "memory.swap.max": ["memory.swap"], "memory.low": ["memory.reservation"],
            "cpu.max": ["cpu.quota", "cpu.period"], "cpu.max.burst": ["cpu.burst"], "cpu.weight": ["cpu.shares"],
            "cpu.idle": ["cpu.idle"], "cpuset.cpus": ["cpu.cpus"], "cpuset.mems": ["cpu.mems"],
            "pids.max": ["pids.limit"],
            "io.max": [
                "blockIO.throttleReadBpsDevice", "blockIO.throttleWriteBpsDevice", "blockIO.throttleReadIOPSDevice",
                "blockIO.throttleWriteIOPSDevice",
            ],
        ]
        let wanted = (fields[file] ?? []).map { "linux.resources.\($0)" }
        let owner = spec.box.flags.first { flag in
            wanted.contains { flag.name == $0 || flag.name.hasPrefix($0 + "[") }
        }
        if let owner { return owner.value }
        let isHugetlb = spec.linux.resources.hugepageLimits.contains { file.hasPrefix("hugetlb.\($0.pageSize).") }
        return isHugetlb ? "--hugetlb" : nil
    }
}

extension Spec {
    /// A cgroup v2 file that OCI has no field for.
    mutating func setUnified(_ file: String, _ value: String, _ flag: String) {
        linux.resources.unified.append(Pair(file, value))
        record(flag, "linux.resources.unified.\(file)")
    }
}
