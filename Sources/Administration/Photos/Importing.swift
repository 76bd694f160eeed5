import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The steps that an upload takes, without the upload.
package struct Importing {
    package enum Outcome {
        case imported
        /// The account has these bytes with this fit.
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
        // Half of each queue, so that uploads are taken meanwhile.
        let full = operations.configuration.allowance
        allowance = Allowance(
            quota: full.quota, accountQueue: max(1, full.accountQueue / 2),
            queue: max(1, full.queue / 2), queueShare: full.queueShare)
    }

    /// Throws `Unusable` when nothing more can be taken: no room on the disk, in the quota, or in a
    /// queue that nobody works off.
    package func take(_ photo: PhotoFolder.Photo) throws -> Outcome {
        do {
            return try takeReadable(photo)
        } catch let error as SystemError where ["open", "read"].contains(error.call) {
            return .refused("it cannot be read (\(error.reason))")
        }
    }

    private func takeReadable(_ photo: PhotoFolder.Photo) throws -> Outcome {
        let file = try photo.open()
        do {
            let head = try file.read(upTo: ImageFormat.sniffedBytes)
            _ = try operations.checkFormat(ImageFormat(sniffing: head))
        } catch let refusal as IngestRefusal {
            return .refused(Self.words(refusal))
        }
        var status = stat()
        guard fstat(file.number, &status) == 0,
            Int64(status.st_size) <= operations.configuration.imageLimit
        else { return .refused("larger than MULTIRES_IMAGE_LIMIT") }
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
                // Somebody else's upload took the place while the file was copied.
            } catch CatalogError.quotaExceeded {
                throw Self.quotaExceeded
            } catch let refusal as IngestRefusal {
                return .refused(Self.words(refusal))
            }
        }
    }

    private func waitForRoom(_ bytes: Int64) throws {
        guard try operations.media.freeBytes() - bytes > operations.configuration.diskReserve else {
            throw Unusable("The disk has only MULTIRES_DISK_RESERVE left: make room, and go on.")
        }
        while true {
            do {
                return try operations.catalog.images.admit(from: owner, within: allowance)
            } catch CatalogError.accountQueueFull, CatalogError.queueFull {
                operations.wakeUp.wake()
                guard operations.wakeUp.isAnswered else {
                    throw Unusable(
                        "The queue is full and no worker runs: start \"multires serve\", and go on."
                    )
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
        let new = NewPhoto(
            owner: owner, name: FileName.cleaned(photo.name), fit: fit, visibility: visibility)
        switch try operations.ingest(file, as: new, within: allowance) {
        case .added: return .imported
        case .duplicate: return .known
        }
    }

    private static let quotaExceeded = Unusable(
        "The account's quota is used up: see \"multires users quota\", and go on.")

    private static func words(_ refusal: IngestRefusal) -> String {
        switch refusal {
        case .empty: "empty"
        case .unsupported: "no JPEG, PNG, WebP, GIF, AVIF or HEIC picture"
        case .unavailable(let format):
            "\(format.name) pictures cannot be taken at present: see \"multires doctor\""
        }
    }
}
