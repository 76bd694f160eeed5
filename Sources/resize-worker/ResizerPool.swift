import Catalog
import Media
import Metrics
import Synchronization

/// The resizers of a worker that have no picture in hand. The last used is the first taken, so those
/// that only a rush needed are soon idle for good, and end.
final class ResizerPool: Sendable {
    private struct Idle {
        let child: ResizerChild
        let since: ContinuousClock.Instant
    }

    private struct State {
        /// The longest idle first.
        var idle: [Idle] = []
        var taken = 0
    }

    private let configuration: Configuration
    private let folder: String
    private let metrics: Metrics?
    private let media: DiskMedia
    private let state = Mutex(State())

    /// - Parameter folder: the worker's, for its children's.
    init(_ configuration: Configuration, in folder: String, metrics: Metrics?) {
        self.configuration = configuration
        self.folder = folder
        self.metrics = metrics
        media = DiskMedia(configuration.folders)
    }

    /// Starts one if all there are have work, so that the next picture need not wait for it. A
    /// failure shows at that picture.
    func prepare() {
        let isNeeded = state.withLock { $0.idle.isEmpty && $0.taken < configuration.resizers }
        guard isNeeded, let child = try? start() else { return }
        state.withLock { $0.idle.append(Idle(child: child, since: .now)) }
    }

    /// One that is ready, or else a new one. It is given back, or given up.
    func take() throws -> ResizerChild {
        state.withLock { $0.taken += 1 }
        while let ready = state.withLock({ $0.idle.popLast()?.child }) {
            // One that was killed while it had nothing to do costs no picture an attempt.
            if !ready.hasEnded { return ready }
            metrics?.countResizer(.crashed)
        }
        do {
            return try start()
        } catch {
            state.withLock { $0.taken -= 1 }
            throw error
        }
    }

    /// Keeps it for the next picture, unless it has worked long enough, or holds too much after this
    /// one.
    func giveBack(_ child: ResizerChild) {
        let isSpent =
            child.orders >= configuration.rendersPerResizer
            || child.residentBytes >= configuration.resizerGrowth
        if isSpent { metrics?.countResizer(.replaced) }
        state.withLock { state in
            state.taken -= 1
            if !isSpent { state.idle.append(Idle(child: child, since: .now)) }
        }
    }

    /// Whoever took it lets it end.
    func giveUp() {
        state.withLock { $0.taken -= 1 }
    }

    /// Ends those that had nothing to do for so long; all of them when that is nothing.
    func endIdle(for limit: Duration) {
        let end = ContinuousClock.now - limit
        // What is handed out ends here, where nobody waits for the lock.
        _ = state.withLock { state in
            let ended = Array(state.idle.prefix { $0.since <= end })
            state.idle.removeFirst(ended.count)
            return ended
        }
    }

    private func start() throws -> ResizerChild {
        try ResizerChild(configuration, media, in: folder)
    }
}
