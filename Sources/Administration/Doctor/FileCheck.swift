import Media
import Model
import Operations
import Settings

/// Compares the files on the disk with the catalog, in both directions.
package struct FileCheck {
    private let catalog: any Catalog
    private let media: any MediaStore
    private let recoveredFolder: String

    package init(_ configuration: Configuration, _ catalog: any Catalog) {
        self.catalog = catalog
        media = MediaEngine.open(configuration.folders)
        recoveredFolder = configuration.folders.recovered
    }

    package func findings() throws -> [Finding] {
        try [orphans(), recovered(), links()] + losses()
    }

    private func orphans() throws -> Finding {
        let (originals, orphans) = try Orphans(catalog, media).count()
        guard !CatalogMismatch.isTooMany(orphans, of: originals) else {
            throw CatalogMismatch.lacksRows(orphans, of: originals)
        }
        return try finding("files", ok: "every file belongs to an image") { count in
            try Orphans(catalog, media).visit { _ in count += 1 }
        } else: {
            HumanReadable.count($0, "image has", "images have")
                + " files but no record in the database. Run \"multires gc\", which moves "
                + "originals to recovered/; a running resize-worker does the same every few "
                + "minutes."
        }
    }

    private func recovered() throws -> Finding {
        try finding("recovered", ok: "no originals without a record in the database") { count in
            try media.visitRecovered { _ in count += 1 }
        } else: {
            HumanReadable.count(
                $0, "original without a record in the database is",
                "originals without a record in the database are")
                + " in \(recoveredFolder). \"multires images recover\" "
                + "lists them and moves them to an account."
        }
    }

    private func links() throws -> Finding {
        try finding("public links", ok: "match the catalog") { count in
            try WrongLinks(catalog, media).visit { _ in count += 1 }
        } else: {
            HumanReadable.count($0, "link differs", "links differ")
                + " from the catalog. Run \"multires gc\"; a running resize-worker does the "
                + "same every few minutes."
        }
    }

    /// A warning if `visit` counts at least one.
    private func finding(
        _ subject: String, ok: String, _ visit: (inout Int) throws -> Void,
        else warning: (Int) -> String
    ) rethrows -> Finding {
        var count = 0
        try visit(&count)
        return Finding(subject, count == 0, ok: ok, else: .warning, warning(count))
    }

    private func losses() throws -> [Finding] {
        var originals = Tally()
        var sizes = Tally()
        try Losses(catalog, media).visit { stored, loss in
            switch loss {
            case .original, .originalLength: originals.add(stored.image)
            case .variants: sizes.add(stored.image)
            }
        }
        return [
            Finding(
                "originals", originals.count == 0, ok: "every image has its original",
                "\(originals) a missing or incomplete original. Restore it from a backup with "
                    + "\"multires restore DIR --originals\", or delete the image."),
            Finding(
                "sizes", sizes.count == 0, ok: "every complete image has all of them",
                "\(sizes) missing sizes. Run \"multires jobs retry --lost\" to render them "
                    + "again."),
        ]
    }

    /// The number of images, the first one, and "has" or "have".
    private struct Tally: CustomStringConvertible {
        var count = 0
        var first: Identifier<Image>?

        mutating func add(_ image: Image) {
            count += 1
            first = first ?? image.id
        }

        var description: String {
            let example = first.map { " (\($0)\(count > 1 ? " is the first" : ""))" } ?? ""
            return HumanReadable.count(count, "image\(example) has", "images\(example) have")
        }
    }
}
