import ArgumentParser
import Catalog
import Credentials
import Foundation
import Media
import Processes
import SQLiteCatalog

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the data folder, its secrets and its database; again does no harm.")

    func run() throws {
        try DataFolder.prepare(Settings().configuration)
    }
}

enum DataFolder {
    /// Every step can be repeated: what is there stays.
    static func prepare(_ configuration: Configuration) throws {
        let folders = configuration.folders
        try makeFolders(folders)
        if !FileManager.default.fileExists(atPath: folders.secrets) {
            try Secrets.create(at: folders.secrets)
        }
        do {
            try SQLiteCatalog.migrate(path: folders.catalog, journal: configuration.journal)
            // Nobody is served from a damaged database, nor writes to it.
            try SQLiteCatalog(configuration, role: .worker).quickCheck()
        } catch let error as Unusable {
            throw Failure(error.description)
        }
        if getuid() == 0 {
            warn(
                "running as root: nginx, the responders and the worker too own all they need as "
                    + "an ordinary user")
        }
    }

    static func makeFolders(_ folders: DataFolders) throws {
        do {
            try DiskMedia(folders).prepare()
        } catch {
            throw Failure("The data folder cannot be used: \(error)")
        }
    }

    static func warn(_ sentence: String) {
        LogLine.write("warning", "multires", sentence)
    }
}
