import Cryptography
import Glibc
import Media
import Model
import Processes

/// The link that makes an image's variants public. It follows the image's row: every operation that changes
/// the row also changes the link.
///
/// Between the two changes, a link with the image's id in its name is in the trash. If the request is
/// interrupted there, the worker finds it and repairs the public link within seconds
/// (`repairUnfinishedLinks`).
extension DiskMedia {
    private static let prefix = "link-"
    /// Longer than a request takes between row and link, unless it was interrupted.
    private static let repairAge = Duration.seconds(3)
    /// A younger one may belong to a request that still waits for the database.
    private static let forgetAge = Duration.seconds(60)

    public func isLinked(_ id: Identifier<Image>) throws -> Bool {
        try Files.status(paths.publicLink(id)) != nil
    }

    public func links(ofShard shard: String) throws -> Set<Identifier<Image>> {
        Set(try Files.names(in: "\(folders.published)/\(shard)").compactMap(Self.id))
    }

    public func link(_ id: Identifier<Image>) throws {
        let temporary = "\(folders.incoming)/link-\(SecureRandom.text(bytes: 16))"
        try storing {
            guard symlink(MediaPath.publicTarget(id), temporary) == 0 else {
                throw SystemError("symlink", temporary)
            }
            do {
                try Files.move(temporary, to: paths.publicLink(id))
            } catch {
                try Files.unlink(temporary)
                throw error
            }
            try Files.syncFolder(of: paths.publicLink(id))
        }
    }

    public func unlink(_ id: Identifier<Image>) throws {
        try Files.unlink(paths.publicLink(id))
        try Files.syncFolder(of: paths.publicLink(id))
    }

    public func unlinkDeleted(_ ids: [Identifier<Image>]) {
        for id in ids { _ = try? Files.unlink(paths.publicLink(id)) }
    }

    // MARK: Row first, then the link

    public func prepareLink(of id: Identifier<Image>) throws -> PreparedLink {
        let link = unfinished(id)
        try storing {
            guard symlink(MediaPath.publicTarget(id), link) == 0 else {
                throw SystemError("symlink", link)
            }
        }
        return PreparedLink(path: link)
    }

    public func discard(_ link: PreparedLink) {
        _ = try? Files.unlink(link.path)
    }

    public func place(
        _ prepared: PreparedLink, of id: Identifier<Image>, if isPublic: () throws -> Bool
    ) throws {
        guard try isPublic() else { return discard(prepared) }
        let link = paths.publicLink(id)
        try storing {
            do { try Files.move(prepared.path, to: link) } catch let error as SystemError {
                // It is missing if the worker has repaired the link meanwhile.
                guard error.code == ENOENT else { throw error }
                try self.link(id)
            }
            try Files.syncFolder(of: link)
        }
        if try !isPublic() { try unlink(id) }
    }

    // MARK: The link first, then the row

    /// The link keeps its inode while it is in the trash, so that moving it back needs no disk space.
    public func withLinkRemoved<Result>(
        of id: Identifier<Image>, restoreIf isPublic: () throws -> Bool, _ body: () throws -> Result
    ) throws -> Result {
        let link = paths.publicLink(id)
        let hidden = unfinished(id)
        let isHidden = (try? Files.move(link, to: hidden)) != nil
        let result: Result
        do {
            // If the disk has no space for another name in the trash, the link is removed at once.
            isHidden ? try Files.syncFolder(of: link) : try unlink(id)
            result = try body()
        } catch {
            let isBack = error as? CatalogError != .unknownOutcome && (try? isPublic()) == true
            // If this fails, the worker repairs the link.
            if isHidden, isBack, (try? Files.move(hidden, to: link)) != nil {
                try? Files.syncFolder(of: link)
            }
            throw error
        }
        // A worker that read the row before the change may have made the link after it. If this fails, the
        // worker repairs the link.
        let isThere = try? Files.unlink(link)
        if isThere == true { try? Files.syncFolder(of: link) }
        if isThere != nil { _ = try? Files.unlink(hidden) }
        return result
    }

    // MARK: Interrupted requests

    private func unfinished(_ id: Identifier<Image>) -> String {
        "\(folders.trash)/\(Self.prefix)\(id)-\(SecureRandom.text(bytes: 16))"
    }

    public func repairUnfinishedLinks(
        isPublic: (Identifier<Image>) throws -> Bool
    ) throws -> Int {
        var repaired = 0
        for name in try Files.names(in: folders.trash) where name.hasPrefix(Self.prefix) {
            let path = "\(folders.trash)/\(name)"
            // An id has 36 characters.
            let text = String(name.dropFirst(Self.prefix.count).prefix(36))
            guard let id = Identifier<Image>(text), let status = try Files.status(path),
                case let since = Self.trashTime(of: status), since < .now() - Self.repairAge
            else { continue }
            if try isPublic(id) != isLinked(id) {
                try isPublic(id) ? link(id) { try isPublic(id) } : unlink(id)
                repaired += 1
            }
            if since < .now() - Self.forgetAge { try Files.unlink(path) }
        }
        return repaired
    }

    /// When the link was moved to the trash: a rename changes this time (ctime) and not the modification
    /// time.
    private static func trashTime(of status: stat) -> Timestamp {
        Timestamp(
            milliseconds: Int64(status.st_ctim.tv_sec) * 1000
                + Int64(status.st_ctim.tv_nsec) / 1_000_000)
    }

    /// Whether `repairUnfinishedLinks` removes the entry of the trash with this name.
    static func isUnfinishedLink(_ name: String) -> Bool { name.hasPrefix(prefix) }
}
