import Media
import Model
import Operations
import Synchronization

/// Public links that differ from their rows, since there was no room on the disk or a request was cut
/// short: looked for every second, so that an address works, or ends, within seconds.
final class PendingLinks: Sendable {
    private let images = Mutex<[Identifier<Image>: Identifier<Account>]>([:])
    private let media: DiskMedia

    init(_ media: DiskMedia) {
        self.media = media
    }

    /// If its row, read again, says that the image is public: its owner may have changed it meanwhile.
    func link(_ image: Identifier<Image>, of owner: Identifier<Account>, in catalog: any Catalog)
        throws
    {
        do {
            try media.link(image) {
                try catalog.images.image(image, of: owner)?.visibility == .public
            }
        } catch MediaError.noSpace {
            images.withLock { $0[image] = owner }
        }
    }

    func retry(in catalog: any Catalog) throws {
        let waiting = images.withLock { images in
            defer { images = [:] }
            return images
        }
        for (image, owner) in waiting { try link(image, of: owner, in: catalog) }
        try media.repairUnfinishedLinks { try !catalog.images.published(among: [$0]).isEmpty }
        try unlinkDeleted(in: catalog)
    }

    /// Costs one look at an index of what is being deleted when there is nothing.
    private func unlinkDeleted(in catalog: any Catalog) throws {
        var last: Identifier<Image>?
        while case let page = try catalog.images.unfinishedDeletions(after: last, limit: 500),
            !page.isEmpty
        {
            media.unlinkDeleted(page.map(\.id))
            last = page.last?.id
        }
    }
}
