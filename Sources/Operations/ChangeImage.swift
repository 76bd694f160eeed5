import Media
import Model

extension Operations {
    /// Changes an image's name, alt text or visibility. Nil when the owner has no such image. Visibility
    /// fails closed: publishing changes the row first and then makes the link; making an image private
    /// removes the link first, and restores it if the row could not be changed.
    ///
    /// Throws `Unfinished` when the image is public, but its public addresses do not work yet: the worker
    /// makes the link within seconds.
    public func changeImage(
        _ id: Identifier<Image>, of owner: Identifier<Account>, to wanted: ImageChange
    ) throws -> Image? {
        guard try catalog.images.image(id, of: owner) != nil else { return nil }
        let change = { try catalog.images.change(id, of: owner, to: wanted) }
        return switch wanted.visibility {
        case .public: try publishing(id, change)
        case .private: try hiding(id, of: owner, change)
        case nil: try change()
        }
    }

    private func hiding(
        _ id: Identifier<Image>, of owner: Identifier<Account>, _ change: () throws -> Image?
    ) throws -> Image? {
        let isPublic = { try catalog.images.image(id, of: owner)?.visibility == .public }
        return try media.withLinkRemoved(of: id, restoreIf: isPublic) {
            try reservedSpace.withReservedSpace(for: .removal, change)
        }
    }

    /// The link is prepared first, because that may find the disk full: then nothing has changed.
    private func publishing(
        _ id: Identifier<Image>, _ change: () throws -> Image?
    ) throws -> Image? {
        let link = try media.prepareLink(of: id)
        let changed: Image?
        do {
            changed = try change()
        } catch {
            // With an unknown outcome the prepared link stays, and the worker compares it with the row.
            if error as? CatalogError != .unknownOutcome { media.discard(link) }
            throw error
        }
        try unfinished {
            try reservedSpace.withReservedSpace(for: .signIn) {
                try media.place(link, of: id) { try isPublished(id) }
            }
        }
        return changed
    }

    /// Whether the image should have a link: it is public, complete, and not being deleted.
    func isPublished(_ id: Identifier<Image>) throws -> Bool {
        try !catalog.images.published(among: [id]).isEmpty
    }

    /// Makes the public link of an image that has just become complete, if it is public. Reads the row again,
    /// because the owner may have changed it meanwhile.
    public func link(_ id: Identifier<Image>) throws {
        try media.link(id) { try isPublished(id) }
    }

    /// Makes or removes the link of an image, as its row requires.
    func repairLink(of id: Identifier<Image>) throws {
        try isPublished(id) ? link(id) : media.unlink(id)
    }

    /// Repairs the links of images whose requests were interrupted between row and link, and returns how many
    /// it changed. Also removes the links of images whose deletion has begun. When there are none, this costs
    /// reading the trash folder and one index.
    @discardableResult
    public func repairUnfinishedLinks() throws -> Int {
        let repaired = try media.repairUnfinishedLinks { try isPublished($0) }
        try catalog.images.visitUnfinishedDeletions { media.unlinkDeleted([$0.id]) }
        return repaired
    }
}
