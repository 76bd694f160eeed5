import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The steps that an upload takes, without the upload.
struct Importing {
    enum Outcome {
        case imported
        /// The account has these bytes with this fit.
        case known
        case refused(String)
    }

    private let configuration: Configuration
    private let catalog: any Catalog
    private let media: DiskMedia
    private let owner: Identifier<Account>
    private let fit: Fit
    private let visibility: Visibility
    private let allowance: Allowance

    init(_ accounts: Accounts, owner: Identifier<Account>, fit: Fit, visibility: Visibility) {
        configuration = accounts.configuration
        catalog = accounts.catalog
        media = DiskMedia(configuration.folders)
        self.owner = owner
        self.fit = fit
        self.visibility = visibility
        // Half of each queue, so that uploads are taken meanwhile.
        let full = configuration.allowance
        allowance = Allowance(
            quota: full.quota, accountQueue: max(1, full.accountQueue / 2),
            queue: max(1, full.queue / 2), queueShare: full.queueShare)
    }

    /// Throws `Failure` when nothing more can be taken: no room on the disk, in the quota, or in a
    /// queue that nobody works off.
    func take(_ photo: PhotoFolder.Photo) throws -> Outcome {
        do {
            return try takeReadable(photo)
        } catch let error as SystemError where ["open", "read"].contains(error.call) {
            return .refused("it cannot be read (\(String(cString: strerror(error.code))))")
        }
    }

    private func takeReadable(_ photo: PhotoFolder.Photo) throws -> Outcome {
        let file = try photo.open()
        guard let format = ImageFormat(sniffing: try file.read(upTo: ImageFormat.sniffedBytes))
        else { return .refused("no JPEG, PNG, WebP, GIF, AVIF or HEIC picture") }
        guard
            media.formatFaults().fault(preventing: format, with: configuration.preset) == nil
        else {
            return .refused(
                "\(format.name) pictures cannot be taken at present: see \"multires doctor\"")
        }
        var status = stat()
        guard fstat(file.number, &status) == 0, Int64(status.st_size) <= configuration.imageLimit
        else { return .refused("larger than MULTIRES_IMAGE_LIMIT") }
        let digest = try CheckedCopy.digest(of: photo.open()) { _ in }.digest
        if let known = try catalog.images.image(digest: digest, fit: fit, of: owner),
            try media.hasWholeOriginal(known)
        {
            return .known
        }
        while true {
            try waitForRoom(Int64(status.st_size))
            do {
                return try add(photo, format)
            } catch CatalogError.accountQueueFull, CatalogError.queueFull {
                // Somebody else's upload took the place while the file was copied.
            }
        }
    }

    private func waitForRoom(_ bytes: Int64) throws {
        guard try media.freeBytes() - bytes > configuration.diskReserve else {
            throw Failure("The disk has only MULTIRES_DISK_RESERVE left: make room, and go on.")
        }
        while true {
            do {
                return try catalog.images.admit(from: owner, within: allowance)
            } catch CatalogError.accountQueueFull, CatalogError.queueFull {
                guard Workers.areRunning(configuration.folders) else {
                    throw Failure(
                        "The queue is full and no worker runs: start \"multires serve\", and go on."
                    )
                }
                Thread.sleep(forTimeInterval: 0.2)
            } catch CatalogError.quotaExceeded {
                throw Failure(
                    "The account's quota is used up: see \"multires users quota\", and go on.")
            }
        }
    }

    /// File before row, as in an upload.
    private func add(_ photo: PhotoFolder.Photo, _ format: ImageFormat) throws -> Outcome {
        let source = try photo.open()
        var file = try media.receive()
        while case let bytes = try source.read(upTo: 1 << 18), !bytes.isEmpty {
            try file.append(bytes)
        }
        let image = Image(
            id: Identifier(), account: owner,
            originalName: FileName.cleaned(photo.name), alt: "",
            format: format, fit: fit, visibility: visibility, bytes: file.bytes,
            uploadedAt: .now())
        let digest = try file.store(as: image.id, format)
        do {
            let new = NewImage(image: image, digest: digest, idempotencyKey: nil)
            switch try catalog.images.add(new, within: allowance) {
            case .added:
                try media.keepOriginal(of: image)
                Doorbell.ring(configuration.folders.doorbells)
                return .imported
            case .duplicate(let earlier, _):
                try media.settleDuplicate(image, of: earlier)
                return .known
            }
        } catch let error as CatalogError where error != .unknownOutcome {
            // A refusal: there is no row. After anything else there may be one.
            _ = try media.remove(image.id)
            guard error == .quotaExceeded else { throw error }
            throw Failure(
                "The account's quota is used up: see \"multires users quota\", and go on.")
        }
    }
}
