import Media
import Model
import Settings

// Differences between disk and catalog, in both directions. The sweeper repairs them, and the doctor counts
// them.

/// Images that have files, but no row, and whose files are older than `age`.
public struct Orphans {
    private let catalog: any Catalog
    private let media: any MediaStore
    private let age: Duration

    public init(
        _ catalog: any Catalog, _ media: any MediaStore, olderThan age: Duration = Self.youngest
    ) {
        self.catalog = catalog
        self.media = media
        self.age = age
    }

    /// Far longer than an upload takes from its file to its row (at most 5 s of waiting for the database, and
    /// two syncs). A slower upload finds its original again after its row is stored: see
    /// `MediaStore.keepOriginal`.
    public static var youngest: Duration { .seconds(60) }

    /// Number of originals on disk, of any age, and of those that have no row and are older than `age`.
    public func count() throws -> (originals: Int, orphans: Int) {
        var count = (originals: 0, orphans: 0)
        for shard in DataFolders.shards {
            count.originals += try media.contents(ofShard: shard, olderThan: nil).originals.count
            let old = try media.contents(ofShard: shard, olderThan: age).originals
            count.orphans += try old.subtracting(catalog.images.existing(Array(old))).count
        }
        return count
    }

    public func visit(_ body: (Identifier<Image>) throws -> Void) throws {
        for shard in DataFolders.shards {
            let contents = try media.contents(ofShard: shard, olderThan: age)
            let found = contents.originals.union(contents.variants)
            for id in found.subtracting(try catalog.images.existing(Array(found))) { try body(id) }
        }
    }
}

/// Images that have a public link and should have none, or the reverse.
public struct WrongLinks {
    private let catalog: any Catalog
    private let media: any MediaStore

    public init(_ catalog: any Catalog, _ media: any MediaStore) {
        self.catalog = catalog
        self.media = media
    }

    public func visit(_ body: (Identifier<Image>) throws -> Void) throws {
        for shard in DataFolders.shards {
            let links = try media.links(ofShard: shard)
            for id in links.subtracting(try catalog.images.published(among: Array(links))) {
                try body(id)
            }
        }
        try catalog.images.visitPublished { if try !media.isLinked($0) { try body($0) } }
    }
}

/// Files that the catalog lists, but that are missing on disk or have another length.
public struct Losses {
    public enum Loss: Sendable {
        case original
        /// The original exists, but its length is not that of the upload.
        case originalLength
        /// Names of the lost variants of a complete image.
        case variants([String])
    }

    private let catalog: any Catalog
    private let media: any MediaStore

    public init(_ catalog: any Catalog, _ media: any MediaStore) {
        self.catalog = catalog
        self.media = media
    }

    /// Checks every image. One that was deleted or re-rendered meanwhile is not reported.
    public func visit(_ body: (StoredImage, Loss) throws -> Void) throws {
        try catalog.images.visitInventory { stored in
            let (id, owner) = (stored.image.id, stored.image.account)
            guard try !losses(of: stored.image).isEmpty,
                let now = try catalog.images.image(id, of: owner)
            else { return }
            for loss in try losses(of: now) {
                try body(StoredImage(image: now, digest: stored.digest), loss)
            }
        }
    }

    /// Queues images with lost variants to be rendered again. Returns how many images.
    public func repairVariants() throws -> Int {
        var count = 0
        try visit { stored, loss in
            if case .variants = loss, try catalog.queue.repair(stored.image.id) { count += 1 }
        }
        return count
    }

    private func losses(of image: Image) throws -> [Loss] {
        var losses: [Loss] = []
        switch try media.length(ofOriginal: image.id, image.format) {
        case nil: losses.append(.original)
        case let length where length != image.bytes: losses.append(.originalLength)
        default: break
        }
        let lost = try image.variants.filter {
            try media.length(of: $0, of: image.id) != $0.bytes
        }
        if !lost.isEmpty { losses.append(.variants(lost.map(\.name))) }
        return losses
    }
}
