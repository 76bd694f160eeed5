import Media
import Model

/// What went.
public struct Removed: Sendable {
    public var images = 0
    public var files = 0
    /// Of all those files.
    public var bytes: Int64 = 0
    /// Why an image's row is still there, which nobody sees: it goes with the next sweep.
    public var rowFault: (any Error)?
}

extension Operations {
    /// Hidden and its job cancelled first, so that a running worker cannot bring it back; then the files;
    /// then the row. Asked again, it ends what was cut short, and a sweep does too. Nil when the owner has
    /// no such image. Throws `Unfinished` when not all of the files could be removed yet.
    public func deleteImage(
        _ id: Identifier<Image>, of owner: Identifier<Account>
    ) throws -> Removed? {
        let image = try ballast.makingRoom(for: .removal) {
            try catalog.images.beginDeletion(of: id, owner: owner, at: .now())
        }
        guard image != nil else { return nil }
        var removed = try unfinished { try removeFiles(of: id) }
        do { try removeRow(of: id) } catch { removed.rowFault = error }
        return removed
    }

    /// Of an image that is hidden already. Can be done again after a crash at any point.
    func finishDeletion(of id: Identifier<Image>) throws -> Removed {
        let removed = try removeFiles(of: id)
        try removeRow(of: id)
        return removed
    }

    private func removeFiles(of id: Identifier<Image>) throws -> Removed {
        let (files, bytes) = try ballast.makingRoom(for: .removal) { try media.remove(id) }
        return Removed(images: 1, files: files, bytes: bytes)
    }

    private func removeRow(of id: Identifier<Image>) throws {
        try ballast.makingRoom(for: .removal) { try catalog.images.finishDeletion(of: id) }
    }

    func unfinished<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw Unfinished(cause: error) }
    }
}
