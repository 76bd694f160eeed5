import Media
import Model
import Operations
import Settings

/// Whether the files on the disk are those that the catalog knows, in both directions.
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
        return try finding("files", ok: "every one is an image's") { count in
            try Orphans(catalog, media).visit { _ in count += 1 }
        } else: {
            "\($0) images have files but no row: run \"multires gc\", as resize-worker does every few "
                + "minutes while it runs. It moves originals to recovered/."
        }
    }

    private func recovered() throws -> Finding {
        try finding("recovered", ok: "no original is without a row") { count in
            try media.visitRecovered { _ in count += 1 }
        } else: {
            "\($0) originals without a row are in \(recoveredFolder): see \"multires images recover\", "
                + "which lists them and brings them into an account."
        }
    }

    private func links() throws -> Finding {
        try finding("public links", ok: "as the catalog says") { count in
            try WrongLinks(catalog, media).visit { _ in count += 1 }
        } else: {
            "\($0) differ from the catalog: run \"multires gc\", as resize-worker does every few "
                + "minutes while it runs."
        }
    }

    /// A warning when `visit` counts any.
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
