import Media
import Metrics
import Model
import Operations
import Processes
import Settings
import Synchronization

/// A worker's resizers. The one that was used last is taken first, so those that were needed only for a peak
/// stay idle and are ended.
final class ResizerPool: Sendable {
    private struct Idle {
        let child: ResizerChild
        let since: ContinuousClock.Instant
    }

    private struct State {
        /// The longest idle first.
        var idle: [Idle] = []
        var taken = 0
        /// When the last image came that needs a process for its account alone.
        var lastOwn: ContinuousClock.Instant?

        /// The one that was used last of those that may decode the image. One that has decoded nothing is
        /// taken only if there is no other: a later image may need it.
        mutating func take(for image: Image) -> ResizerChild? {
            let used = idle.lastIndex {
                !$0.child.history.isEmpty && $0.child.history.permits(image)
            }
            let index = used ?? idle.lastIndex { $0.child.history.isEmpty }
            return index.map { idle.remove(at: $0).child }
        }

        /// Takes the `count` that have been idle for longest.
        mutating func takeFirst(_ count: Int) -> [ResizerChild] {
            defer { idle.removeFirst(count) }
            return idle.prefix(count).map(\.child)
        }
    }

    private let configuration: Configuration
    private let folder: String
    private let formats: FormatAvailability
    private let metrics: Metrics?
    private let media: any MediaStore
    private let state = Mutex(State())

    /// - Parameter folder: the worker's, in which the resizers' folders are made.
    init(
        _ configuration: Configuration, in folder: String, _ formats: FormatAvailability,
        metrics: Metrics?
    ) {
        (self.configuration, self.folder, self.formats) = (configuration, folder, formats)
        self.metrics = metrics
        media = MediaEngine.open(configuration.folders)
    }

    /// Starts a resizer if all are in use, so that the next image need not wait for it, or if all idle ones
    /// have decoded something while images come in that need one which has not. If starting fails, the next
    /// image reports it.
    func prepare() {
        let isNeeded = state.withLock { state in
            if state.idle.isEmpty { return state.taken < configuration.resizers }
            guard let last = state.lastOwn, .now - last < configuration.resizerIdle else {
                return false
            }
            // At most one more than `resizers`, until it is used.
            return state.idle.allSatisfy { !$0.child.history.isEmpty }
                && state.idle.count + state.taken <= configuration.resizers
        }
        guard isNeeded, let child = try? start() else { return }
        state.withLock { $0.idle.append(Idle(child: child, since: .now)) }
    }

    /// Calls `body` with a resizer that may decode this image: an idle one, or else a new one. The image's
    /// files in its folder are removed when this returns.
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
            // A resizer that was killed while it was idle costs no image an attempt.
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

    /// Keeps it for the next image, unless it has ended, has rendered enough images, holds too much memory,
    /// or was started before a format's recovery.
    private func giveBack(_ child: ResizerChild) {
        let works = (try? child.clear()) != nil && !child.hasEnded
        let isSpent =
            child.requests >= configuration.rendersPerResizer
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

    /// Ends resizers that have been idle for `limit`; with zero, all idle ones.
    func endIdle(for limit: Duration) {
        let end = ContinuousClock.now - limit
        let ended = state.withLock { state in
            state.takeFirst(state.idle.prefix { $0.since <= end }.count)
        }
        for child in ended { child.close() }
    }

    /// Ends those that have been idle for longest, while there are more than `resizers`. Called when all idle
    /// ones are reserved for other accounts.
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

    /// A new resizer loads the libraries that are installed now, so the formats are checked first.
    private func start() throws -> ResizerChild {
        formats.refresh()
        return try ResizerChild(
            configuration, media, in: folder, recoveries: formats.recoveries, metrics)
    }
}
