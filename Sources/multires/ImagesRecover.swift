import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations

struct ImagesRecover: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Lists originals in recovered/, or adds them to an account.",
        discussion: """
            recovered/ in the data folder holds originals without a row in the catalog: what crashes \
            left of uploads that were not accepted, what came after the backup that was restored, and \
            what --new-catalog moved aside. With --account each becomes an image of that account and \
            leaves recovered/; what the account has already leaves it too. What is not taken stays.
            """)

    @Option(help: "The email of the account to add them to; without it they are only listed.")
    var account: String?
    @Option(help: "Only the original of this image id; may be given several times.")
    var id: [String] = []
    @Option(help: "cover crops to the sizes' boxes, inside keeps proportions.") var fit = Fit.cover

    func run() throws {
        let originals = try originals()
        guard let account else { return try list(originals) }
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        let importing = Importing(accounts, owner: owner.id, fit: fit, visibility: .private)
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
            // The account has these bytes, synced, under a row that is committed.
            guard unlink(path) == 0 else { throw Unusable("\(path) cannot be removed.") }
            progress.advance()
        }
        progress.finish()
        print("\(added) added, \(known) were there already, \(refused) not taken")
    }

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
        print("\(originals.count) originals; add --account EMAIL to bring them into an account")
    }
}
