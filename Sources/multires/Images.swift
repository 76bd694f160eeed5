import Administration
import ArgumentParser
import Model

struct Images: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings a folder of photos into an account, or an account's photos out.",
        subcommands: [ImagesImport.self, ImagesExport.self, ImagesRecover.self])
}

struct ImagesImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Adds every picture below a folder to an account.",
        discussion: """
            Beside a running service or before it starts; the folder stays as it is. What the account \
            has already is skipped, so that a run that was cut short goes on where it was. What was \
            not taken is listed, with the reason.
            """)

    @Argument(help: "The folder; hidden files and links in it are left out.") var folder: String
    @Option(help: "The account's email.") var account: String
    @Option(help: "cover crops to the sizes' boxes, inside keeps proportions.") var fit = Fit.cover
    @Option(help: "Who may see the sizes.") var visibility = Visibility.private

    func run() throws {
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        let photos = try PhotoFolder(folder)
        let importing = Importing(accounts, owner: owner.id, fit: fit, visibility: visibility)
        let progress = Progress("importing", of: photos.count)
        var (imported, known, refused, leftOut) = (0, 0, 0, 0)
        func refuse(_ path: String, _ reason: String) {
            refused += 1
            progress.finish()
            print("\(path): \(reason)")
        }
        do {
            try photos.visit { found in
                switch found {
                case .unreadable(let path, let reason):
                    refuse(path, "it cannot be read (\(reason))")
                case .leftOut: leftOut += 1
                case .photo(let photo):
                    switch try importing.take(photo) {
                    case .imported: imported += 1
                    case .known: known += 1
                    case .refused(let reason): refuse(photo.shown, reason)
                    }
                    progress.advance()
                }
            }
        } catch {
            progress.finish()
            print("\(imported) imported before this")
            throw error
        }
        progress.finish()
        if leftOut > 0 {
            print("\(leftOut) hidden files and folders, links and the like were left out")
        }
        print("\(imported) imported, \(known) were there already, \(refused) not taken")
    }
}

struct ImagesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Copies an account's originals into a folder, under their names.",
        discussion: """
            Of several with one name, all but the first get their id behind it. What is there already \
            stays, so that a run that was cut short goes on where it was.
            """)

    @Option(help: "The account's email.") var account: String
    @Argument(help: "The folder; it is made if need be.") var folder: String

    func run() throws {
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        let exporting = try Exporting(accounts, to: folder)
        let progress = Progress("exporting", of: owner.usage.images)
        var lost = 0
        try accounts.catalog.images.visitImages(of: owner.id) { image in
            if try !exporting.copy(image) {
                lost += 1
                progress.finish()
                print("image \(image.id): its original is lost")
            }
            progress.advance()
        }
        progress.finish()
        print("\(exporting.copied) copied, \(exporting.known) were there already")
        guard lost == 0 else { throw Unusable("\(lost) originals are lost: see multires doctor.") }
    }
}

extension Fit: ExpressibleByArgument {}
extension Visibility: ExpressibleByArgument {}
