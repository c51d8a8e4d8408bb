internal import CConcurrency
internal import NIOCore
internal import NIOPosix

/// The threads on which the daemon's tasks run. Swift's usual ones are libdispatch's, of which a timer wakes up every second
/// from the first task on; these sleep until there is something to do.
public enum TaskThreads {
    /// Once, before the first task.
    public static func take() {
        PoolExecutor.shared.pool.start()
        box_take_jobs { job in
            if let job { PoolExecutor.shared.run(unsafeBitCast(job, to: UnownedJob.self)) }
        }
    }
}

private final class PoolExecutor: TaskExecutor {
    static let shared = PoolExecutor()
    let pool = NIOThreadPool(numberOfThreads: min(max(System.coreCount, 2), 4))

    func enqueue(_ job: consuming ExecutorJob) { run(UnownedJob(job)) }

    func run(_ job: UnownedJob) { pool.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) } }
}

/// A time in which nothing is done.
public enum Pause {
    /// By an event loop's timer: that of Swift's own sleep is one of libdispatch's.
    /// - Throws: `CancellationError`
    public static func wait(_ time: Duration) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: TimeAmount(time)) { promise.succeed() }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
            timer.cancel()
        }
    }
}
