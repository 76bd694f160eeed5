import Credentials
import Foundation
import Media
import Model
import Operations
import Settings

/// The data folder: whose it is, what is free, and who may read the secrets.
package struct FolderCheck {
    private let settings: Settings
    private var configuration: Configuration { settings.configuration }
    private var folders: DataFolders { configuration.folders }

    package init(_ settings: Settings) {
        self.settings = settings
    }

    package func findings() -> [Finding] {
        guard FileManager.default.fileExists(atPath: folders.root) else {
            return [
                Finding(.problem, "data folder", "\(folders.root) is not there: run multires init.")
            ]
        }
        return Administration.findings("data folder") { try [owner(), parts(), disk()] }
            + Administration.findings("secrets") {
                _ = try Secrets(environment: settings.environment, file: folders.secrets)
                return [Finding(.ok, "secrets", "there, and only their owner may read them")]
            }
    }

    private func owner() throws -> Finding {
        let attributes = try FileManager.default.attributesOfItem(atPath: folders.root)
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.intValue ?? -1
        guard owner == Int(geteuid()) else {
            return Finding(
                .problem, "data folder",
                "\(folders.root) is user \(owner)'s, and this is user \(geteuid()): run everything "
                    + "as its owner.")
        }
        return Finding(
            "data folder", mode & 0o007 == 0, ok: "\(folders.root), closed to others",
            else: .warning,
            "others may enter \(folders.root): run chmod o= \(folders.root).")
    }

    private func parts() -> Finding {
        let parts = [
            folders.incoming, folders.originals, folders.media, folders.published, folders.trash,
            folders.run,
        ]
        let closed = parts.filter { access($0, R_OK | W_OK | X_OK) != 0 }
        return Finding(
            "folders", closed.isEmpty, ok: "there, and can be written to",
            "\(closed.joined(separator: ", ")) cannot be written to: run multires init, and chown "
                + "what belongs to another user.")
    }

    /// A request is on the disk twice while it is received: as nginx's and as the responder's file.
    private func disk() throws -> Finding {
        let free = try MediaEngine.open(folders).freeBytes()
        let needed = configuration.diskReserve + 2 * configuration.requestLimit
        guard free > configuration.diskReserve else {
            return Finding(
                .problem, "disk",
                "\(free) bytes are free, and \(configuration.diskReserve) are the reserve "
                    + "(MULTIRES_DISK_RESERVE): uploads are refused until there is room.")
        }
        return Finding(
            "disk", free > needed, ok: "\(free) bytes free", else: .warning,
            "\(free) bytes are free: with the reserve, a largest upload (MULTIRES_REQUEST_LIMIT, "
                + "twice while it arrives) needs \(needed).")
    }
}
