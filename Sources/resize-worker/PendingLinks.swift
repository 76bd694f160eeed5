import Media
import Model
import Operations
import Processes
import Synchronization

/// Repairs public links that differ from their rows, because the disk was full or a request was interrupted.
/// The worker calls `retry` every second, so that an address works, or stops working, within seconds.
final class PendingLinks: Sendable {
    private let images = Mutex<Set<Identifier<Image>>>([])

    /// Makes the link of an image that has just become complete. When the disk is full, `retry` makes it.
    func link(_ image: Identifier<Image>, _ operations: Operations) throws {
        do { try operations.link(image) } catch MediaError.noSpace {
            _ = images.withLock { $0.insert(image) }
        }
    }

    func retry(_ operations: Operations) throws {
        let waiting = images.withLock { images in
            defer { images = [] }
            return images
        }
        for image in waiting { try link(image, operations) }
        try operations.repairUnfinishedLinks()
    }
}
