internal import BoxSystem

extension BoxEngine {
    /// From the rotated files, oldest line first; with `follow`, then what comes, to the end of the run.
    public func logs(_ ref: String, _ options: LogOptions) async throws -> EngineStream<LogRecord> {
        try logs(try find(ref), options)
    }

    func logs(_ box: Box, _ options: LogOptions) throws -> EngineStream<LogRecord> {
        let driver = box.wanted.logDriver ?? configuration.logDriver
        if driver != "json-file" {
            throw EngineError(.unsupported, "the log driver \(driver) of the box \(box.name) does not support reading")
        }
        do {
            let signal = options.follow ? try ChangeSignal(directory: places.box(box.id)) : nil
            var files = LogFiles(places.log(box.id))
            if let tail = options.tail {
                try files.rewind(lines: max(0, tail)) { line in
                    (options.stdout && options.stderr) || LogLine.parse(line).map(options.matches) ?? false
                }
            } else {
                try files.rewind()
            }
            let id = box.id
            let reader = LogReader(files, options, signal) { [weak self] in await self?.isAlive(id) ?? false }
            if let signal {
                box.followers.removeAll { $0.signal == nil }
                box.followers.append(Box.Follower(signal: signal))
            }
            return EngineStream { try await reader.next() }
        } catch {
            throw EngineError(error, "read the log of the box \(box.name)")
        }
    }

    private func isAlive(_ id: String) -> Bool { boxes[id]?.isAlive ?? false }
}

/// The lines of a log, one after the other.
private actor LogReader {
    private var files: LogFiles
    private let options: LogOptions
    private let signal: ChangeSignal?
    private let isAlive: @Sendable () async -> Bool

    init(
        _ files: consuming LogFiles, _ options: LogOptions, _ signal: ChangeSignal?,
        isAlive: @escaping @Sendable () async -> Bool
    ) {
        self.files = files
        self.options = options
        self.signal = signal
        self.isAlive = isAlive
    }

    func next() async throws -> LogRecord? {
        while true {
            // Asked before the file: what the box wrote before its end is in the file then.
            let mayGrow = signal == nil ? false : await isAlive()
            while let line = try files.nextLine() {
                guard let record = LogLine.parse(line) else { continue }
                if options.matches(record) { return record }
                if let time = Moment.nanoseconds(record.time), options.isPast(time) { return nil }
            }
            guard mayGrow, let signal, !Task.isCancelled else { return nil }
            if let until = options.until, Moment.now > until { return nil }
            await signal.wait()
        }
    }
}
