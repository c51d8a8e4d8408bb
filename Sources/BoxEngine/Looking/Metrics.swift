extension BoxEngine {
    /// Prometheus' text format, without the daemon's own latencies.
    public func metrics() async -> String {
        var text = MetricText()
        let states: [BoxView.State] = [.created, .running, .paused, .restarting, .exited, .dead]
        text.begin("swiftbox_boxes", "gauge", "Boxes by state.")
        for state in states {
            text.add(["state": state.rawValue], UInt64(boxes.values.count { $0.state == state }))
        }
        let all = boxes.values.sorted { $0.created < $1.created }
        text.begin("swiftbox_box_restarts_total", "counter", "Automatic restarts since the user started it.")
        for box in all { text.add(labels(box), UInt64(box.restartCount)) }
        text.begin("swiftbox_box_oom_kills_total", "counter", "Out-of-memory kills that the daemon was told of.")
        for box in all { text.add(labels(box), UInt64(box.oomKills)) }
        var figures: [(labels: [String: String], figures: Statistics)] = []
        for box in all where box.isAlive {
            do {
                figures.append((labels(box), try Self.statistics(box.id, places.stateRoot)))
            } catch {
                logger.debug("no figures of a box: \(error)")
            }
        }
        Self.addFigures(figures, &text)
        return text.text
    }

    private func labels(_ box: Box) -> [String: String] { ["id": String(box.id.prefix(12)), "name": box.name] }

    private static func addFigures(_ boxes: [(labels: [String: String], figures: Statistics)], _ text: inout MetricText)
    {
        func seconds(_ name: String, _ help: String, _ value: (Statistics) -> UInt64?) {
            text.begin(name, "counter", help)
            for box in boxes { value(box.figures).map { text.add(box.labels, microseconds: $0) } }
        }
        func number(_ name: String, _ type: String, _ help: String, _ value: (Statistics) -> UInt64?) {
            text.begin(name, type, help)
            for box in boxes { value(box.figures).map { text.add(box.labels, $0) } }
        }
        seconds("swiftbox_box_cpu_seconds_total", "Processor time.") { $0.cpuUsage }
        seconds("swiftbox_box_cpu_throttled_seconds_total", "Time that a CPU limit held it back.") { $0.cpuThrottled }
        number("swiftbox_box_cpu_throttled_periods_total", "counter", "Periods in which it was.") {
            $0.cpuThrottledPeriods
        }
        number("swiftbox_box_memory_bytes", "gauge", "Memory in use.") { $0.memoryUsage }
        number("swiftbox_box_memory_limit_bytes", "gauge", "Absent without a limit.") { $0.memoryLimit }
        number("swiftbox_box_pids", "gauge", "Processes and threads.") { $0.pids }
        text.begin("swiftbox_box_io_bytes_total", "counter", "Bytes read from and written to block devices.")
        for box in boxes {
            for device in box.figures.devices {
                let labels = box.labels.merging(["device": "\(device.major):\(device.minor)"]) { $1 }
                text.add(labels.merging(["operation": "read"]) { $1 }, device.readBytes)
                text.add(labels.merging(["operation": "write"]) { $1 }, device.writtenBytes)
            }
        }
        text.begin(
            "swiftbox_box_pressure_seconds_total", "counter", "Time that some or all of its tasks stood waiting.")
        for box in boxes {
            for (resource, pressure) in box.figures.pressure.sorted(by: { $0.key < $1.key }) {
                let labels = box.labels.merging(["resource": resource]) { $1 }
                text.add(labels.merging(["share": "some"]) { $1 }, microseconds: pressure.some)
                text.add(labels.merging(["share": "full"]) { $1 }, microseconds: pressure.full)
            }
        }
    }
}

/// Prometheus' text exposition format, version 0.0.4.
struct MetricText {
    private(set) var text = ""
    private var name = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func add(_ labels: [String: String], _ value: UInt64) { add(labels, String(value)) }

    mutating func add(_ labels: [String: String], microseconds: UInt64) {
        let digits = String(microseconds % 1_000_000)
        add(labels, "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - digits.count))\(digits)")
    }

    private mutating func add(_ labels: [String: String], _ value: String) {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
