import Catalog
import Foundation
import Media
import SQLiteCatalog

/// The database, and whether the files beside it are those it knows.
struct CatalogCheck {
    private let configuration: Configuration

    init(_ settings: Settings) {
        configuration = settings.configuration
    }

    func findings() -> [Finding] {
        multires.findings("database") {
            let catalog = try SQLiteCatalog(configuration, role: .worker)
            try catalog.quickCheck()
            return try [
                Finding(.ok, "database", "whole, in \(configuration.journal) mode"),
                agreement(with: catalog), links(of: catalog),
            ]
        }
    }

    /// Older than an hour: before that it may be an upload on its way to its row.
    private func agreement(with catalog: SQLiteCatalog) throws -> Finding {
        let media = DiskMedia(configuration.folders)
        let orphans = try DataFolders.shards.reduce(0) { count, shard in
            let contents = try media.contents(ofShard: shard, olderThan: .seconds(3600))
            let found = contents.originals.union(contents.variants)
            return try count + found.count - catalog.existing(Array(found)).count
        }
        return Finding(
            "files", orphans == 0, ok: "every one is an image's", else: .warning,
            "\(orphans) images have files but no row: resize-worker removes them every hour while it "
                + "runs; see its log.")
    }

    private func links(of catalog: SQLiteCatalog) throws -> Finding {
        let media = DiskMedia(configuration.folders)
        let present = try DataFolders.shards.reduce(into: Set<Identifier<Image>>()) {
            $0.formUnion(try media.contents(ofShard: $1, olderThan: .zero).links)
        }
        let published = try catalog.published()
        let wrong = present.symmetricDifference(published).count
        return Finding(
            "public links", wrong == 0, ok: "as the catalog says", else: .warning,
            "\(wrong) differ from the catalog: resize-worker mends them every hour while it runs.")
    }
}
