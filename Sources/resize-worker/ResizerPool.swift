import Media
import Metrics
import Model
import Operations
import Processes
import Settings
import Synchronization

/// A worker's resizers. The last used is the first taken, so those that only a rush needed are soon idle
/// for good, and end.
final class ResizerPool: Sendable {
    private struct Idle {
        let child: ResizerChild
        let since: ContinuousClock.Instant
    }

    private struct State {
        /// The longest idle first.
        var idle: [Idle] = []
        var taken = 0
        /// When an image that needs a process of its account's own last came.
        var lastOwn: ContinuousClock.Instant?

        /// The last used that may decode it. One that has decoded nothing is kept for an image that
        /// needs it.
        mutating func take(for image: Image) -> ResizerChild? {
            let used = idle.lastIndex {
                !$0.child.history.isEmpty && $0.child.history.permits(image)
            }
            let index = used ?? idle.lastIndex { $0.child.history.isEmpty }
            return index.map { idle.remove(at: $0).child }
        }

        /// The longest idle of them.
        mutating func takeFirst(_ count: Int) -> [ResizerChild] {
            defer { idle.removeFirst(count) }
            return idle.prefix(count).map(\.child)
        }
    }

    private let configuration: Configuration
    private let folder: String
    private let formats: Formats
    private let metrics: Metrics?
    private let media: any MediaStore
    private let state = Mutex(State())

    /// - Parameter folder: the worker's, for its children's.
    init(
        _ configuration: Configuration, in folder: String, _ formats: Formats, metrics: Metrics?
    ) {
        (self.configuration, self.folder, self.formats) = (configuration, folder, formats)
        self.metrics = metrics
        media = MediaEngine.open(configuration.folders)
    }

    /// Starts one if all there are have work, so that the next picture need not wait for it, or if
    /// none is left that has decoded nothing while pictures that need such a one come in. A failure
    /// shows at that picture.
    func prepare() {
        let isNeeded = state.withLock { state in
            if state.idle.isEmpty { return state.taken < configuration.resizers }
            guard let last = state.lastOwn, .now - last < configuration.resizerIdle else {
                return false
            }
            // One more than there are slots, while it waits.
            return state.idle.allSatisfy { !$0.child.history.isEmpty }
                && state.idle.count + state.taken <= configuration.resizers
        }
        guard isNeeded, let child = try? start() else { return }
        state.withLock { $0.idle.append(Idle(child: child, since: .now)) }
    }

    /// Lends one that may decode this picture: that is ready, or else a new one. What is left of the
    /// picture in its folder is gone when this returns.
    func withResizer<Result>(
        for image: Image, _ body: (ResizerChild) throws -> Result
    ) throws -> Result {
        let child = try take(for: image)
        defer { giveBack(child) }
        return try body(child)
    }

    private func take(for image: Image) throws -> ResizerChild {
        state.withLock { state in
            state.taken += 1
            if image.format.needsOwnProcess { state.lastOwn = .now }
        }
        while let ready = state.withLock({ $0.take(for: image) }) {
            // One that was killed while it had nothing to do costs no picture an attempt.
            if ready.hasEnded { metrics?.countResizer(.crashed) }
            if !ready.hasEnded, ready.recoveries == formats.recoveries { return ready }
            ready.close()
        }
        makeRoom()
        do {
            return try start()
        } catch {
            state.withLock { $0.taken -= 1 }
            throw error
        }
    }

    /// Keeps it for the next picture, unless it has ended or worked long enough, or holds too much after
    /// this one.
    private func giveBack(_ child: ResizerChild) {
        let works = (try? child.clear()) != nil && !child.hasEnded
        let isSpent =
            child.orders >= configuration.rendersPerResizer
            || child.residentBytes >= configuration.resizerGrowth
            || child.recoveries != formats.recoveries
        let stays = works && !isSpent
        if works, isSpent { metrics?.countResizer(.replaced) }
        if !stays { child.close() }
        state.withLock { state in
            state.taken -= 1
            if stays { state.idle.append(Idle(child: child, since: .now)) }
        }
    }

    /// Ends those that had nothing to do for so long; all of them when that is nothing.
    func endIdle(for limit: Duration) {
        let end = ContinuousClock.now - limit
        let ended = state.withLock { state in
            state.takeFirst(state.idle.prefix { $0.since <= end }.count)
        }
        for child in ended { child.close() }
    }

    /// Ends the longest idle while there are more than slots: other accounts' alone are left here.
    private func makeRoom() {
        let surplus = state.withLock { state in
            let count = state.idle.count + state.taken - configuration.resizers
            return state.takeFirst(min(max(0, count), state.idle.count))
        }
        for child in surplus {
            metrics?.countResizer(.replaced)
            child.close()
        }
    }

    /// It loads the libraries that are there now.
    private func start() throws -> ResizerChild {
        formats.refresh()
        return try ResizerChild(
            configuration, media, in: folder, recoveries: formats.recoveries, metrics)
    }
}
