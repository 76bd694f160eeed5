import Administration
import ArgumentParser
import Model

struct Images: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import, export and recover images.",
        subcommands: [ImagesImport.self, ImagesExport.self, ImagesRecover.self])
}

struct ImagesImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import all images in a folder and its subfolders into an account.",
        discussion: """
            The service may be running or stopped. The folder is not changed. Images that the \
            account already has are skipped, so an interrupted import can be run again. Files that \
            are not accepted are listed with the reason.
            """)

    @Argument(help: "The folder; hidden files and links in it are skipped.") var folder: String
    @Option(help: "The email of the account.") var account: String
    @Option(help: "cover crops to the box of each size, inside keeps the proportions.")
    var fit = Fit.cover
    @Option(help: "private: links are signed and expire; public: links are permanent.")
    var visibility = Visibility.private

    func run() throws {
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        let photos = try PhotoFolder(folder)
        // The steps of an upload, so that formats, limits, quota and duplicates have the same rules.
        let importing = PhotoImport(accounts, owner: owner.id, fit: fit, visibility: visibility)
        let progress = Progress("importing", of: photos.count)
        var (imported, known, refused, leftOut) = (0, 0, 0, 0)
        // A refused file is only listed: most folders of photos have other files too. So it neither stops the
        // import nor changes the exit status.
        func refuse(_ path: String, _ reason: String) {
            refused += 1
            // Without the bar, the reason has a line of its own.
            progress.finish()
            print("\(path): \(reason)")
        }
        do {
            try photos.visit { found in
                switch found {
                case .unreadable(let path, let reason):
                    refuse(path, "cannot be read (\(reason))")
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
            // An import that stops, for example at the quota, also reports what it has done.
            progress.finish()
            print("\(imported) imported before the error")
            throw error
        }
        progress.finish()
        if leftOut > 0 {
            print(
                HumanReadable.count(
                    leftOut, "hidden file or folder, link or special file was",
                    "hidden files and folders, links and special files were") + " skipped")
        }
        print("\(imported) imported, \(known) already present, \(refused) not accepted")
    }
}

struct ImagesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export an account's originals to a folder, under their original names.",
        discussion: """
            If several images have the same name, the id is added to all but the first. Files that \
            the folder already has are kept, so an interrupted export can be run again.
            """)

    @Option(help: "The email of the account.") var account: String
    @Argument(help: "The folder to write to; it is created if it does not exist.")
    var folder: String

    func run() throws {
        let accounts = try Accounts()
        let owner = try accounts.account(account)
        let exporting = try PhotoExport(accounts, to: folder)
        let progress = Progress("exporting", of: owner.usage.images)
        var lost = 0
        try accounts.catalog.images.visitImages(of: owner.id) { image in
            // A lost original does not prevent the export of the others.
            if try !exporting.copy(image) {
                lost += 1
                progress.finish()
                print("image \(image.id): its original is missing")
            }
            progress.advance()
        }
        progress.finish()
        print("\(exporting.copied) copied, \(exporting.known) already present")
        guard lost == 0 else {
            throw ConfigurationError(
                HumanReadable.count(lost, "original is", "originals are")
                    + " missing. Run \"multires doctor\".")
        }
    }
}

extension Fit: ExpressibleByArgument {}
extension Visibility: ExpressibleByArgument {}
