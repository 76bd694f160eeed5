import Media
import Model
import Operations
import Processes
import Synchronization

/// Public links that differ from their rows, since there was no room on the disk or a request was cut
/// short: looked for every second, so that an address works, or ends, within seconds.
final class PendingLinks: Sendable {
    private let images = Mutex<Set<Identifier<Image>>>([])

    /// Of an image that has just become complete.
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
