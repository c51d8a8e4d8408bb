internal import BoxSystem

extension BoxEngine {
    /// Newest first.
    /// - Parameter filters: docker's: id, name, label, status, ancestor, before, since, exited, health, network
    public func list(
        all: Bool, filters: [String: [String]], limit: Int?, size: Bool = false
    ) async throws -> [BoxView] {
        let selection = try BoxSelection(filters, self)
        let everyState = all || limit != nil || filters["status"] != nil || filters["exited"] != nil
        let chosen = boxes.values.filter { box in
            (everyState || box.isAlive || box.state == .restarting) && selection.matches(box)
        }
        let sorted = chosen.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        let views = sorted.prefix(limit.flatMap { $0 > 0 ? $0 : nil } ?? .max).map { view($0) }
        return size ? try await measured(views) : views
    }

    /// With their sizes; what is walked may be large, and nobody waits for it but who asked.
    func measured(_ views: [BoxView]) async throws -> [BoxView] {
        let uppers = views.map { places.upper($0.id) }
        let sizes = try await Blocking.run { uppers.map { FolderSize.of($0) } }
        return zip(views, sizes).map { view, size in
            var view = view
            view.sizeRW = size
            view.sizeRoot = size + (images.view(view.imageID)?.size ?? 0)
            return view
        }
    }

    public func inspect(_ ref: String, size: Bool = false) async throws -> BoxView {
        let view = view(try find(ref))
        return size ? try await measured([view])[0] : view
    }

    func view(_ box: Box) -> BoxView {
        let options = box.resolved.options
        let words = (options.entrypoint.map { [$0] + options.entrypointArguments } ?? []) + options.command
        let driver = box.wanted.logDriver ?? configuration.logDriver
        return BoxView(
            id: box.id, name: box.name, wanted: box.wanted, state: box.state, pid: box.isAlive ? box.pid : 0,
            created: Moment.text(box.created), started: box.started, finished: box.finished,
            createdSeconds: box.created / 1_000_000_000, exitCode: box.exitCode, oomKilled: box.oomKilled,
            error: box.error, reason: box.reason, health: box.health, restartCount: box.restartCount,
            imageID: box.resolved.imageID, path: words.first ?? "", arguments: Array(words.dropFirst()),
            environment: options.env, workingDirectory: options.workdir ?? "", user: options.user ?? "",
            hostname: options.hostname ?? String(box.id.prefix(12)),
            logPath: driver == "json-file" ? places.log(box.id) : "", bundlePath: places.box(box.id),
            sizeRW: nil, sizeRoot: nil,
            execIDs: box.execs.filter { execs[$0]?.isRunning ?? false && execs[$0]?.isQuiet == false }.sorted())
    }

    /// The JSON that the last run's end wrote.
    public func exitReport(_ ref: String) async throws -> [UInt8] {
        let box = try find(ref)
        do throws(Errno) {
            return try File.contents(of: places.report(box.id))
        } catch {
            if error == .noSuchFileOrDirectory {
                throw EngineError(.notFound, "the box \(box.name) has not ended yet, so there is no report")
            }
            throw EngineError(error, "read the report of the box \(box.name)")
        }
    }

    /// What happened since (of the last 1024), then what happens, until `until`; nanoseconds since the epoch.
    public func events(
        since: Int64?, until: Int64?, filters: [String: [String]]
    ) async throws -> EngineStream<EngineEvent> {
        let selection = try EventSelection(filters)
        let past = since.map { hub.past(since: $0) } ?? []
        let isOver = until.map { $0 <= Moment.now } ?? false
        let (number, stream) = hub.listen()
        if isOver { hub.leave(number) }
        let reader = EventReader(past.filter { until == nil || $0.time <= until ?? 0 }, stream, selection)
        if let until, !isOver {
            Task { [weak self] in
                try await Pause.wait(.nanoseconds(until - Moment.now))
                await self?.leave(number)
            }
        }
        return EngineStream { try await reader.next() }
    }

    private func leave(_ number: Int) { hub.leave(number) }
}

/// Docker's filters of events.
struct EventSelection: Sendable {
    private let filters: [String: [String]]

    init(_ filters: [String: [String]]) throws(EngineError) {
        let known = ["container", "event", "image", "label", "type", "daemon", "network", "volume", "scope"]
        if let key = filters.keys.first(where: { !known.contains($0) }) {
            throw EngineError(.invalid, "invalid filter '\(key)'")
        }
        self.filters = filters.filter { !$0.value.isEmpty }
    }

    func matches(_ event: EngineEvent) -> Bool {
        filters.allSatisfy { key, values in
            values.contains { value in matches(event, key, value) }
        }
    }

    private func matches(_ event: EngineEvent, _ key: String, _ value: String) -> Bool {
        switch key {
        case "type": return event.subject.rawValue == value
        case "event": return event.action == value || event.action.hasPrefix(value + ":")
        case "container":
            return event.subject == .container && (event.id.hasPrefix(value) || event.attributes["name"] == value)
        case "image":
            return event.attributes["image"] == value || event.subject == .image && event.id.hasPrefix(value)
        case "label":
            let pair = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let found = event.attributes[String(pair[0])]
            return found != nil && (pair.count == 1 || found ?? "" == pair[1])
        case "scope": return value == "local"
        default: return event.subject.rawValue == key && event.id == value
        }
    }
}

/// Past events, then those to come.
private actor EventReader {
    private var past: ArraySlice<EngineEvent>
    private let stream: AsyncStream<EngineEvent>
    private let selection: EventSelection

    init(_ past: [EngineEvent], _ stream: AsyncStream<EngineEvent>, _ selection: EventSelection) {
        self.past = past[...]
        self.stream = stream
        self.selection = selection
    }

    func next() async throws -> EngineEvent? {
        while let event = past.popFirst() { if selection.matches(event) { return event } }
        var iterator = stream.makeAsyncIterator()
        while let event = await iterator.next() { if selection.matches(event) { return event } }
        return nil
    }
}
