import Credentials
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Makes the data folder, or brings it up to date, before anything is served from it.
package enum DataFolder {
    /// What is done only when somebody asks for it, since it gives something up.
    package struct Consent: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// An empty catalog; the old one and all images are moved to `recovered/`.
        package static let newCatalog = Consent(rawValue: 1)
        /// New secrets where `secrets.env` is missing.
        package static let newSecrets = Consent(rawValue: 2)
        /// A start although `originals/` is missing or empty.
        package static let lostOriginals = Consent(rawValue: 4)
    }

    /// Every step can be repeated, and what is there stays. Throws `Unusable`, before anything is made
    /// in its place, when a part that held data is gone: the catalog, the originals or the secrets.
    package static func prepare(
        _ configuration: Configuration, _ environment: [String: String], _ consent: Consent
    ) throws {
        let folders = configuration.folders
        if consent.contains(.newCatalog) { try OldData(folders).moveAside() }
        if consent.contains(.lostOriginals) { try giveUpOriginals(folders) }
        let media = MediaEngine.open(folders)
        if FileManager.default.fileExists(atPath: folders.catalog) {
            try checkSecrets(folders, environment, consent)
            try openCatalog(configuration)
            try describing {
                try CatalogMatch(
                    CatalogEngine.open(configuration, for: .worker), media, folders
                ).check()
            }
            try makeFolders(folders)
            if consent.contains(.newSecrets) { try makeSecrets(folders) }
        } else {
            try describing {
                guard try !media.hasOriginals() else {
                    throw Unusable(
                        "\(folders.catalog) is missing, but \(folders.originals) has originals. "
                            + CatalogMismatch.remedy)
                }
            }
            try makeFolders(folders)
            try makeSecrets(folders)
            try openCatalog(configuration)
        }
        // A full disk is no reason not to serve.
        do { try Ballast(configuration).refill(free: media.freeBytes()) } catch { warn("\(error)") }
        if getuid() == 0 {
            warn(
                "running as root: nginx, the responders and the worker too own all they need as "
                    + "an ordinary user")
        }
    }

    /// So that what does not work is known before anybody uploads it; the worker says it, and tries again.
    package static func tryFormats(_ configuration: Configuration) {
        let check = FormatCheck(configuration)
        guard !check.isSettled else { return }
        do { try check.renew() } catch { warn("the formats could not be tried: \(error)") }
    }

    package static func makeFolders(_ folders: DataFolders) throws {
        do {
            try MediaEngine.open(folders).prepare()
        } catch  where !Ballast.isFull(error) {
            throw Unusable("The data folder cannot be used: \(error)")
        }
        closeToOthers(folders)
    }

    /// Makes the secrets of a new data folder, or of a restored one.
    package static func makeSecrets(_ folders: DataFolders) throws {
        guard !FileManager.default.fileExists(atPath: folders.secrets) else { return }
        try Secrets.create(at: folders.secrets)
    }

    /// Brings the schema up to date, and reads the whole database once: nobody is served from a
    /// damaged one, nor writes to it.
    package static func openCatalog(_ configuration: Configuration) throws {
        try describing {
            try Ballast(configuration).makingRoom(for: .start) {
                try CatalogEngine.prepare(configuration)
                try CatalogEngine.open(configuration, for: .worker).quickCheck()
            }
        }
    }

    package static func warn(_ sentence: String) {
        LogLine.write("warning", "multires", sentence)
    }

    private static func checkSecrets(
        _ folders: DataFolders, _ environment: [String: String], _ consent: Consent
    ) throws {
        guard !FileManager.default.fileExists(atPath: folders.secrets),
            !consent.contains(.newSecrets),
            !Secrets.areGiven(in: environment)
        else { return }
        throw Unusable(
            "\(folders.secrets) is missing, but the data folder is in use. Put the file back; or run "
                + "\"multires init --new-secrets\" to make a new one: everyone must then sign in "
                + "again, and links that were given out stop working.")
    }

    /// For whoever has lost them for good, so that the next start does not refuse.
    private static func giveUpOriginals(_ folders: DataFolders) throws {
        try makeFolders(folders)
        guard try !MediaEngine.open(folders).hasOriginals() else { return }
        _ = try FileDescriptor(opening: folders.lostMark, O_WRONLY | O_CREAT)
    }

    /// A folder that somebody else made, as with mkdir, is open to others. On web space Apache may be
    /// another user, and its owner decides.
    private static func closeToOthers(_ folders: DataFolders) {
        var status = stat()
        guard stat(folders.root, &status) == 0, status.st_mode & 0o007 != 0,
            !WebSpace.isDeployed(folders)
        else { return }
        if holdsOnlyOurs(folders), chmod(folders.root, status.st_mode & 0o7770) == 0 { return }
        warn("others may enter \(folders.root): run chmod o= \(folders.root)")
    }

    /// Somebody's home, named as the data folder by mistake, is not closed.
    private static func holdsOnlyOurs(_ folders: DataFolders) -> Bool {
        let parts = [
            folders.incoming, folders.originals, folders.media, folders.published, folders.trash,
            folders.recovered, folders.run, folders.nginx, folders.presets, folders.catalog,
            folders.secrets, folders.ballast,
        ].map { $0.dropFirst(folders.root.utf8.count + 1) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folders.root)) ?? []
        return names.allSatisfy { name in
            name == "lost+found" || parts.contains { name.hasPrefix($0) }
        }
    }

    private static func describing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let mismatch as CatalogMismatch {
            throw Unusable(mismatch.description)
        } catch let error as SystemError where !Ballast.isFull(error) {
            throw Unusable("The data folder cannot be used: \(error)")
        }
    }
}

extension CatalogMatch {
    /// Both ways.
    package func check() throws {
        try checkOriginals()
        try checkRows()
    }
}
