import Credentials
import Foundation
import Media
import Model
import Operations
import Settings

/// Checks the data folder: its owner, permissions and free space, and the secrets.
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
                Finding(
                    .problem, "data folder",
                    "\(folders.root) does not exist. Run \"multires init\".")
            ]
        }
        return Administration.findings("data folder") { try [owner(), parts(), disk()] }
            + Administration.findings("secrets") {
                _ = try Secrets(environment: settings.environment, file: folders.secrets)
                return [
                    Finding(
                        .ok, "secrets",
                        Secrets.areGiven(in: settings.environment)
                            ? "complete, all from the settings; \(folders.secrets) is not used"
                            : "complete, and only their owner can read them")
                ]
            }
    }

    private func owner() throws -> Finding {
        let attributes = try FileManager.default.attributesOfItem(atPath: folders.root)
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.intValue ?? -1
        guard owner == Int(geteuid()) else {
            return Finding(
                .problem, "data folder",
                "\(folders.root) belongs to user \(owner), but this program runs as user "
                    + "\(geteuid()). Run everything as the owner.")
        }
        return Finding(
            "data folder", mode & 0o007 == 0, ok: "\(folders.root), closed to other users",
            else: .warning,
            "other users can enter \(folders.root). Run chmod o= \(folders.root).")
    }

    private func parts() -> Finding {
        let parts = [
            folders.incoming, folders.originals, folders.media, folders.published, folders.trash,
            folders.run,
        ]
        let closed = parts.filter { access($0, R_OK | W_OK | X_OK) != 0 }
        return Finding(
            "folders", closed.isEmpty, ok: "complete and writable",
            "missing or not writable: \(closed.joined(separator: ", ")). Run \"multires init\", "
                + "which creates missing folders unless data is lost, and chown folders of another "
                + "user.")
    }

    /// While a request is received, its body is on the disk twice: as nginx's file and as the responder's.
    private func disk() throws -> Finding {
        let free = try MediaEngine.open(folders).freeBytes()
        let needed = configuration.diskReserve + 2 * configuration.requestLimit
        guard free > configuration.diskReserve else {
            return Finding(
                .problem, "disk",
                "\(HumanReadable.bytes(free)) are free, but MULTIRES_DISK_RESERVE is "
                    + "\(HumanReadable.bytes(configuration.diskReserve)). Free some space: until "
                    + "then, uploads are refused.")
        }
        return Finding(
            "disk", free > needed, ok: "\(HumanReadable.bytes(free)) free", else: .warning,
            "\(HumanReadable.bytes(free)) are free, but the largest possible upload needs "
                + "\(HumanReadable.bytes(needed)): MULTIRES_DISK_RESERVE and twice "
                + "MULTIRES_REQUEST_LIMIT. Free some space.")
    }
}
