import Media
import Model
import Settings

// Where disk and catalog differ, in both directions: what the sweeper mends, and the doctor counts.

/// Images that have files but no row, for longer than `age`.
public struct Orphans {
    private let catalog: any Catalog
    private let media: DiskMedia
    private let age: Duration

    public init(_ catalog: any Catalog, _ media: DiskMedia, olderThan age: Duration = Self.youngest)
    {
        self.catalog = catalog
        self.media = media
        self.age = age
    }

    /// Far above what an upload takes from its file to its row (5 s of patience and two syncs).
    /// Whoever is slower looks for his original after his row is there: see `Upload`.
    public static var youngest: Duration { .seconds(60) }

    /// Originals on the disk, of whatever age, and those of them that have no row and are older than
    /// the age.
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

/// Images whose public link is there and should not be, or the other way round.
public struct WrongLinks {
    private let catalog: any Catalog
    private let media: DiskMedia

    public init(_ catalog: any Catalog, _ media: DiskMedia) {
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
        var last: Identifier<Image>?
        while case let page = try catalog.images.published(after: last, limit: 500), !page.isEmpty {
            for id in page where try !media.isLinked(id) { try body(id) }
            last = page.last
        }
    }
}

/// What the catalog says is on the disk, and is not.
public struct Losses {
    public enum Loss: Sendable {
        case original
        /// It is there, but has not the length it came with.
        case originalLength
        /// Of a complete image; their names.
        case sizes([String])
    }

    private let catalog: any Catalog
    private let media: DiskMedia

    public init(_ catalog: any Catalog, _ media: DiskMedia) {
        self.catalog = catalog
        self.media = media
    }

    /// Every image is looked at; one that was deleted or made anew meanwhile is no loss.
    public func visit(_ body: (StoredImage, Loss) throws -> Void) throws {
        var last: Identifier<Image>?
        while case let page = try catalog.images.inventory(after: last, limit: 500), !page.isEmpty {
            for catalogd in page where try !losses(of: catalogd.image).isEmpty {
                let (id, owner) = (catalogd.image.id, catalogd.image.account)
                guard let now = try catalog.images.image(id, of: owner) else { continue }
                for loss in try losses(of: now) {
                    try body(StoredImage(image: now, digest: catalogd.digest), loss)
                }
            }
            last = page.last?.image.id
        }
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
        if !lost.isEmpty { losses.append(.sizes(lost.map(\.name))) }
        return losses
    }
}
