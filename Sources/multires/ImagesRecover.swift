import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations

struct ImagesRecover: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "List the originals in recovered/, or move them to an account.",
        discussion: """
            recovered/ in the data folder contains originals without a record in the database: \
            from uploads that a crash interrupted before they were accepted, from uploads that are \
            newer than a restored backup, and from --new-catalog. With --account, each original \
            becomes an image of that account and is removed from recovered/, also if the account \
            already has it. Originals that are not accepted stay.
            """)

    @Option(help: "The email of the account; without it, the originals are only listed.")
    var account: String?
    @Option(help: "Only the original of this image id; can be repeated.")
    var id: [String] = []
    @Option(help: "cover crops to the box of each size, inside keeps the proportions.")
    var fit = Fit.cover

    func run() throws {
        // Without the catalog, so that the list also works when that is lost.
        let originals = try originals()
        guard let account else { return try list(originals) }
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        // Private, because the visibility was lost with the row.
        let importing = PhotoImport(accounts, owner: owner.id, fit: fit, visibility: .private)
        let progress = Progress("recovering", of: originals.count)
        var (added, known, refused) = (0, 0, 0)
        for path in originals {
            switch try importing.take(PhotoFolder.Photo(path)) {
            case .imported: added += 1
            case .known: known += 1
            case .refused(let reason):
                refused += 1
                progress.finish()
                print("\(path): \(reason)")
                continue
            }
            // The account has these bytes now: the file is synced and the row is committed.
            guard unlink(path) == 0 else { throw ConfigurationError("\(path) cannot be removed.") }
            progress.advance()
        }
        progress.finish()
        print("\(added) added, \(known) already present, \(refused) not accepted")
    }

    /// The paths of the chosen files in recovered/, each named after the id of its image.
    private func originals() throws -> [String] {
        var paths: [String] = []
        try MediaEngine.open(Settings().configuration.folders).visitRecovered { path in
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            if id.isEmpty || id.contains(name) { paths.append(path) }
        }
        return paths
    }

    private func list(_ originals: [String]) throws {
        for path in originals {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let bytes = (attributes[.size] as? NSNumber)?.int64Value ?? 0
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let uploaded = Identifier<Image>(name)?.createdAt.rfc3339 ?? "-"
            print(uploaded, bytes, path, separator: "\t")
        }
        print(
            HumanReadable.count(originals.count, "original")
                + "; use --account EMAIL to move them to an account")
    }
}
