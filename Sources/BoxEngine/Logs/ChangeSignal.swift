internal import BoxSystem
@preconcurrency internal import Dispatch
internal import Synchronization

/// Wakes one task when something in a directory changes (inotify(7)), or when it is told to. No thread and no timer waits.
final class ChangeSignal: Sendable {
    private enum State {
        case quiet
        case signalled
        case awaited(CheckedContinuation<Void, Never>)
        case over
    }

    private let state = Mutex<State>(.quiet)
    private let source: any DispatchSourceRead

    init(directory: String) throws(Errno) {
        let watch = try FileWatch()
        try watch.add(directory, [.written, .movedIn, .created])
        let raw = watch.release()
        source = DispatchSource.makeReadSource(fileDescriptor: raw, queue: .global())
        source.setCancelHandler { _ = Descriptor(owning: raw) }
        source.setEventHandler { [weak self] in
            do throws(Errno) {
                while try !File.readSome(raw, atMost: 4096).isEmpty {}
            } catch {
                // Nothing more is told: the descriptor does not block.
            }
            self?.signal()
        }
        source.activate()
    }

    deinit { source.cancel() }

    func signal() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch state {
            case .awaited(let continuation):
                state = .quiet
                return continuation
            case .quiet, .signalled: state = .signalled
            case .over: break
            }
            return nil
        }
        waiting?.resume()
    }

    /// Nobody waits any more, now or later.
    func end() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .over }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }

    /// Until the next signal; returns at once when there was one since the last.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    switch state {
                    case .quiet:
                        state = .awaited(continuation)
                        return false
                    case .signalled:
                        state = .quiet
                        return true
                    case .over, .awaited: return true
                    }
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }
}
