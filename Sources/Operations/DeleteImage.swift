import Media
import Model

/// What a deletion has removed.
public struct Removed: Sendable {
    public var images = 0
    public var files = 0
    /// Total length of the files.
    public var bytes: Int64 = 0
    /// Why an image's row could not be removed; nil when it was. The row is hidden, and the next sweep
    /// removes it.
    public var rowFault: (any Error)?
}

extension Operations {
    /// Hides the image and cancels its job first, so that a running worker cannot bring it back; then removes
    /// the files, then the row. A repeated call completes a deletion that was interrupted, and so does a
    /// sweep. Nil when the owner has no such image. Throws `Unfinished` when not all files could be removed
    /// yet.
    public func deleteImage(
        _ id: Identifier<Image>, of owner: Identifier<Account>
    ) throws -> Removed? {
        let image = try reservedSpace.withReservedSpace(for: .removal) {
            try catalog.images.beginDeletion(of: id, owner: owner, at: .now())
        }
        guard image != nil else { return nil }
        var removed = try unfinished { try removeFiles(of: id) }
        do { try removeRow(of: id) } catch { removed.rowFault = error }
        return removed
    }

    /// Removes the files and the row of an image that is already hidden. Can be repeated after a crash at any
    /// point.
    func finishDeletion(of id: Identifier<Image>) throws -> Removed {
        let removed = try removeFiles(of: id)
        try removeRow(of: id)
        return removed
    }

    private func removeFiles(of id: Identifier<Image>) throws -> Removed {
        let (files, bytes) = try reservedSpace.withReservedSpace(for: .removal) {
            try media.remove(id)
        }
        return Removed(images: 1, files: files, bytes: bytes)
    }

    private func removeRow(of id: Identifier<Image>) throws {
        try reservedSpace.withReservedSpace(for: .removal) {
            try catalog.images.finishDeletion(of: id)
        }
    }

    func unfinished<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw Unfinished(cause: error) }
    }
}
