import Credentials
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Creates the data folder, or upgrades it, before anything is served from it.
package enum DataFolder {
    /// Actions that discard data or secrets, and therefore happen only on request.
    package struct DataLossOptions: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// Start with an empty catalog; the old one and all images are moved to `recovered/`.
        package static let newCatalog = DataLossOptions(rawValue: 1)
        /// Make new secrets if `secrets.env` is missing.
        package static let newSecrets = DataLossOptions(rawValue: 2)
        /// Start even if `originals/` is missing or empty.
        package static let lostOriginals = DataLossOptions(rawValue: 4)
    }

    /// Every step can be repeated, and existing data stays. If a part with data is missing (the catalog, the
    /// originals or the secrets), throws `ConfigurationError` and creates nothing in its place.
    package static func prepare(
        _ configuration: Configuration, _ environment: [String: String], _ consent: DataLossOptions
    ) throws {
        let folders = configuration.folders
        var status = stat()
        if stat(folders.root, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw ConfigurationError(
                "MULTIRES_DATA: \"\(configuration.data)\" is a file. Set it to a folder.")
        }
        if consent.contains(.newCatalog) { try OldData(folders).moveAside() }
        if consent.contains(.lostOriginals) { try acceptLostOriginals(folders) }
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
                    throw ConfigurationError(
                        "\(folders.catalog) is missing, but \(folders.originals) has originals. "
                            + CatalogMismatch.remedyIfMissing)
                }
            }
            try makeFolders(folders)
            try makeSecrets(folders)
            try openCatalog(configuration)
        }
        // The service must start on a full disk too.
        do { try ReservedSpace(configuration).refill(free: media.freeBytes()) } catch {
            warn("\(error)")
        }
        if getuid() == 0 {
            warn(
                "running as root, which is not needed: nginx, the responders and the worker can "
                    + "run as the ordinary user that owns the data folder")
        }
    }

    /// Tests every format, so that the responders know which formats do not work before the first upload.
    /// The worker reports faults and tests again.
    package static func tryFormats(_ configuration: Configuration) {
        let check = FormatCheck(configuration)
        guard !check.isCurrent else { return }
        do { try check.renew() } catch { warn("the formats could not be tested: \(error)") }
    }

    package static func makeFolders(_ folders: DataFolders) throws {
        do {
            try MediaEngine.open(folders).prepare()
        } catch let error as ConfigurationError {
            throw error
        } catch  where !ReservedSpace.isFull(error) {
            throw ConfigurationError("The data folder cannot be used: \(error)")
        }
        closeToOthers(folders)
    }

    /// Creates the secrets of a new or restored data folder. Existing secrets stay.
    package static func makeSecrets(_ folders: DataFolders) throws {
        guard !FileManager.default.fileExists(atPath: folders.secrets) else { return }
        try Secrets.create(at: folders.secrets)
    }

    /// Upgrades the schema and checks the whole database, so that no program reads or writes a damaged one.
    package static func openCatalog(_ configuration: Configuration) throws {
        try describing {
            try ReservedSpace(configuration).withReservedSpace(for: .start) {
                try CatalogEngine.prepare(configuration)
                try CatalogEngine.open(configuration, for: .worker).quickCheck()
            }
        }
    }

    package static func warn(_ sentence: String) {
        LogRecord.write("warning", "multires", sentence)
    }

    private static func checkSecrets(
        _ folders: DataFolders, _ environment: [String: String], _ consent: DataLossOptions
    ) throws {
        guard !FileManager.default.fileExists(atPath: folders.secrets),
            !consent.contains(.newSecrets),
            !Secrets.areGiven(in: environment)
        else { return }
        throw ConfigurationError(
            "\(folders.secrets) is missing, but the database exists. Restore the file, or "
                + "run \"multires init --new-secrets\" to make new secrets: then everyone must "
                + "sign in again, and existing links stop working.")
    }

    /// Records that all originals are lost, so that the next start accepts it.
    private static func acceptLostOriginals(_ folders: DataFolders) throws {
        try makeFolders(folders)
        guard try !MediaEngine.open(folders).hasOriginals() else { return }
        _ = try FileDescriptor(opening: folders.lostOriginalsMarker, O_WRONLY | O_CREAT)
    }

    /// A data folder that was made with mkdir is open to other users. On shared hosting, Apache may run as
    /// another user, so the owner decides.
    private static func closeToOthers(_ folders: DataFolders) {
        var status = stat()
        guard stat(folders.root, &status) == 0, status.st_mode & 0o007 != 0,
            !SharedHostingSite.isDeployed(folders)
        else { return }
        if holdsOnlyOurs(folders), chmod(folders.root, status.st_mode & 0o7770) == 0 { return }
        warn("other users can enter \(folders.root): run chmod o= \(folders.root)")
    }

    /// False if the folder has other files: then MULTIRES_DATA may name a home folder by mistake, whose
    /// permissions must not change.
    private static func holdsOnlyOurs(_ folders: DataFolders) -> Bool {
        let parts = [
            folders.incoming, folders.originals, folders.media, folders.published, folders.trash,
            folders.recovered, folders.run, folders.nginx, folders.presets, folders.catalog,
            folders.secrets, folders.reservedSpace,
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
            throw ConfigurationError(mismatch.description)
        } catch let error as SystemError where !ReservedSpace.isFull(error) {
            throw ConfigurationError("The data folder cannot be used: \(error)")
        }
    }
}

extension CatalogMatch {
    /// Checks originals and rows. Throws `CatalogMismatch`.
    package func check() throws {
        try checkOriginals()
        try checkRows()
    }
}
