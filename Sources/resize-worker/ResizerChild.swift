import Foundation
import Media
import Model
import Processes
import ResizerClient
import Settings
import Synchronization

/// A resizer of the pool's, and what it has done. Used by one thread at a time.
final class ResizerChild: Sendable {
    private struct State {
        var orders = 0
        var history = DecodingHistory()
        var inHand: (original: String, folder: String)?
    }

    let process: ResizerProcess
    private let media: DiskMedia
    private let state = Mutex(State())

    /// Orders given so far.
    var orders: Int { state.withLock { $0.orders } }
    var history: DecodingHistory { state.withLock { $0.history } }

    /// `Formats.recoveries` when it began.
    let recoveries: Int

    /// - Parameter folder: the worker's.
    init(
        _ configuration: Configuration, _ media: DiskMedia, in folder: String, _ recoveries: Int
    ) throws {
        self.media = media
        self.recoveries = recoveries
        process = try ResizerProcess(configuration, in: folder)
    }

    /// Gives it a picture. Returns the folder that the sizes will be in, until `clear`. Throws
    /// `MediaError.missing` when there is no original.
    func order(
        _ claim: Claim, _ preset: Preset, _ limits: RenderLimits, threads: Int
    ) throws -> String {
        let image = claim.image
        let number = state.withLock { state in
            state.orders += 1
            state.history.note(image)
            return state.orders
        }
        let folder = try process.makeOutput(String(number))
        let original = try media.withOriginal(image.id, image.format) {
            try process.lend($0, as: "\(image.id).\(image.format.fileExtension)")
        }
        state.withLock { $0.inHand = (original, folder) }
        try process.send(
            RenderOrder(
                original: original, format: image.format, fit: image.fit, folder: folder,
                preset: preset, limits: limits, threads: threads, requestID: claim.requestID))
        return folder
    }

    /// Takes the original back, and what is left of its sizes: of an image that is deleted meanwhile
    /// nothing may stay here.
    func clear() throws {
        guard let last = state.withLock({ $0.inHand.take() }) else { return }
        try media.discard(last.original)
        try media.discard(last.folder)
    }
}
