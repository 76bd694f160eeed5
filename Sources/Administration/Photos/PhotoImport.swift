import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Adds files to an account with the same steps as an upload, but without a request.
package struct PhotoImport {
    package enum Outcome {
        case imported
        /// The account already has these bytes with this fit.
        case known
        case refused(String)
    }

    private let operations: Operations
    private let owner: Identifier<Account>
    private let fit: Fit
    private let visibility: Visibility
    private let allowance: Allowance

    package init(_ accounts: Accounts, owner: Identifier<Account>, fit: Fit, visibility: Visibility)
    {
        operations = accounts.operations
        self.owner = owner
        self.fit = fit
        self.visibility = visibility
        // Half of each queue, so that uploads are accepted during an import.
        let full = operations.configuration.allowance
        allowance = Allowance(
            quota: full.quota, accountQueue: max(1, full.accountQueue / 2),
            queue: max(1, full.queue / 2), queueShare: full.queueShare)
    }

    /// Waits while the queue is full. Throws `ConfigurationError` if no more files can be added: the disk or
    /// the quota is full, or the queue is full and no worker runs.
    package func take(_ photo: PhotoFolder.Photo) throws -> Outcome {
        do {
            return try takeReadable(photo)
        } catch let error as SystemError where ["open", "read"].contains(error.call) {
            return .refused("cannot be read (\(error.reason))")
        }
    }

    private func takeReadable(_ photo: PhotoFolder.Photo) throws -> Outcome {
        let file = try photo.open()
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError("read", photo.name) }
        guard status.st_size > 0 else { return .refused(Self.reason(.empty)) }
        do {
            let head = try file.read(upTo: ImageFormat.sniffedBytes)
            _ = try operations.checkFormat(ImageFormat(sniffing: head))
        } catch let refusal as IngestRefusal {
            return .refused(Self.reason(refusal))
        }
        guard Int64(status.st_size) <= operations.configuration.imageLimit else {
            return .refused("larger than MULTIRES_IMAGE_LIMIT")
        }
        let digest = try CheckedCopy.digest(of: photo.open()) { _ in }.digest
        if let known = try operations.catalog.images.image(digest: digest, fit: fit, of: owner),
            try operations.media.hasWholeOriginal(known)
        {
            return .known
        }
        while true {
            try waitForRoom(Int64(status.st_size))
            do {
                return try add(photo)
            } catch CatalogError.accountQueueFull, CatalogError.queueFull {
                // An upload took the place in the queue while the file was copied.
            } catch CatalogError.quotaExceeded {
                throw Self.quotaExceeded
            } catch let refusal as IngestRefusal {
                return .refused(Self.reason(refusal))
            }
        }
    }

    private func waitForRoom(_ bytes: Int64) throws {
        guard try operations.media.freeBytes() - bytes > operations.configuration.diskReserve else {
            throw ConfigurationError(
                "The free disk space would fall below MULTIRES_DISK_RESERVE. Free some space, then "
                    + "run this command again.")
        }
        while true {
            do {
                return try operations.catalog.images.admit(from: owner, within: allowance)
            } catch CatalogError.accountQueueFull, CatalogError.queueFull {
                operations.wakeWorker.forJob()
                guard operations.wakeWorker.hasWorker else {
                    throw ConfigurationError(
                        "The queue is full and no worker is running. Start \"multires serve\", "
                            + "then run this command again.")
                }
                Thread.sleep(forTimeInterval: 0.2)
            } catch CatalogError.quotaExceeded {
                throw Self.quotaExceeded
            }
        }
    }

    private func add(_ photo: PhotoFolder.Photo) throws -> Outcome {
        let source = try photo.open()
        var file = try operations.media.receive()
        while case let bytes = try source.read(upTo: 1 << 18), !bytes.isEmpty {
            try file.append(bytes)
        }
        let new = NewUpload(
            owner: owner, name: FileName.cleaned(photo.name), fit: fit, visibility: visibility)
        switch try operations.ingest(file, as: new, within: allowance) {
        case .added: return .imported
        case .duplicate: return .known
        }
    }

    private static let quotaExceeded = ConfigurationError(
        "The account's quota is used up. Raise it with \"multires users quota\", then run this "
            + "command again.")

    private static func reason(_ refusal: IngestRefusal) -> String {
        switch refusal {
        case .empty: "the file is empty"
        case .unsupported: "not a JPEG, PNG, WebP, GIF, AVIF or HEIC image"
        case .unavailable(let format):
            "\(format.name) images are not accepted now; run \"multires doctor\""
        }
    }
}
