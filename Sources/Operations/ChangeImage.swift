import Media
import Model

extension Operations {
    /// Nil when the owner has no such image. Visibility fails closed: to publish, the row comes first, then
    /// the link; to make private, the link goes first, and comes back when the row could not change.
    ///
    /// Throws `Unfinished` when the image is public, but its addresses do not work yet: the worker makes
    /// them work within seconds.
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
        return try media.hidingLink(of: id, backWhile: isPublic) {
            try ballast.makingRoom(for: .removal, change)
        }
    }

    /// What may find no room is done before the row changes, so that an error says what is so.
    private func publishing(
        _ id: Identifier<Image>, _ change: () throws -> Image?
    ) throws -> Image? {
        let link = try media.prepareLink(of: id)
        let changed: Image?
        do {
            changed = try change()
        } catch {
            // Where nobody knows whether it did, the worker looks at the row.
            if error as? CatalogError != .unknownOutcome { media.discard(link) }
            throw error
        }
        try unfinished {
            try ballast.makingRoom(for: .signIn) {
                try media.place(link, of: id) { try isPublished(id) }
            }
        }
        return changed
    }

    /// Whether its link is to be there: it is public, complete, and not being deleted.
    func isPublished(_ id: Identifier<Image>) throws -> Bool {
        try !catalog.images.published(among: [id]).isEmpty
    }

    /// Makes the public link of an image that has just become complete, if its row, read again, says that
    /// it is public: its owner may have changed it meanwhile.
    public func link(_ id: Identifier<Image>) throws {
        try media.link(id) { try isPublished(id) }
    }

    /// Makes the link of an image agree with its row.
    func repairLink(of id: Identifier<Image>) throws {
        try isPublished(id) ? link(id) : media.unlink(id)
    }

    /// Links of images whose requests were cut short between row and link, and of those whose deletion has
    /// begun. Costs one look at the trash and one at an index when there are none. How many were changed.
    @discardableResult
    public func repairUnfinishedLinks() throws -> Int {
        let repaired = try media.repairUnfinishedLinks { try isPublished($0) }
        try catalog.images.visitUnfinishedDeletions { media.unlinkDeleted([$0.id]) }
        return repaired
    }
}
