import Media
import Model
import Operations
import Settings

/// Whether the files on the disk are those that the catalog knows, in both directions.
struct FileCheck {
    private let catalog: any Catalog
    private let media: DiskMedia

    init(_ configuration: Configuration, _ catalog: any Catalog) {
        self.catalog = catalog
        media = DiskMedia(configuration.folders)
    }

    func findings() throws -> [Finding] {
        try [orphans(), recovered(), links()] + losses()
    }

    private func orphans() throws -> Finding {
        let (originals, orphans) = try Orphans(catalog, media).count()
        guard !CatalogMismatch.isTooMany(orphans, of: originals) else {
            throw CatalogMismatch.lacksRows(orphans, of: originals)
        }
        var count = 0
        try Orphans(catalog, media).visit { _ in count += 1 }
        return Finding(
            "files", count == 0, ok: "every one is an image's", else: .warning,
            "\(count) images have files but no row: run \"multires gc\", as resize-worker does "
                + "every few minutes while it runs. It moves originals to recovered/.")
    }

    private func recovered() throws -> Finding {
        var count = 0
        try media.visitRecovered { _ in count += 1 }
        return Finding(
            "recovered", count == 0, ok: "no original is without a row", else: .warning,
            "\(count) originals without a row are in \(media.paths.folders.recovered): see "
                + "\"multires images recover\", which lists them and brings them into an account.")
    }

    private func links() throws -> Finding {
        var count = 0
        try WrongLinks(catalog, media).visit { _ in count += 1 }
        return Finding(
            "public links", count == 0, ok: "as the catalog says", else: .warning,
            "\(count) differ from the catalog: run \"multires gc\", as resize-worker does every few "
                + "minutes while it runs.")
    }

    private func losses() throws -> [Finding] {
        var originals = Tally()
        var sizes = Tally()
        try Losses(catalog, media).visit { stored, loss in
            switch loss {
            case .original, .originalLength: originals.add(stored.image)
            case .sizes: sizes.add(stored.image)
            }
        }
        return [
            Finding(
                "originals", originals.count == 0, ok: "every image has its own",
                "\(originals) lost the original, or a part of it: bring it back with \"multires "
                    + "restore DIR --originals\" from a backup, or delete the image."),
            Finding(
                "sizes", sizes.count == 0, ok: "every complete image has all of them",
                "\(sizes) lost sizes: run \"multires jobs retry --lost\" to have them made again."),
        ]
    }

    /// How many, and which for a start.
    private struct Tally: CustomStringConvertible {
        var count = 0
        var first: Identifier<Image>?

        mutating func add(_ image: Image) {
            count += 1
            first = first ?? image.id
        }

        var description: String {
            "\(count) images" + (first.map { " (\($0)\(count > 1 ? " is the first" : ""))" } ?? "")
        }
    }
}
