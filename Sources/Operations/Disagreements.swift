import Media
import Model
import Settings

// Where disk and catalog differ, in both directions: what the sweeper mends, and the doctor counts.

/// Images that have files but no row, for longer than `age`.
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
    private let media: any MediaStore

    public init(_ catalog: any Catalog, _ media: any MediaStore) {
        self.catalog = catalog
        self.media = media
    }

    /// Every image is looked at; one that was deleted or made anew meanwhile is no loss.
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

    /// Has lost sizes made again; returns of how many images.
    public func remakeSizes() throws -> Int {
        var count = 0
        try visit { stored, loss in
            if case .sizes = loss, try catalog.queue.remake(stored.image.id) { count += 1 }
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
        if !lost.isEmpty { losses.append(.sizes(lost.map(\.name))) }
        return losses
    }
}
