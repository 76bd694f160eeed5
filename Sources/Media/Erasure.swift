import Model

/// What went with an account.
public struct Erasure: Sendable {
    public var images = 0
    public var files = 0
    /// Of all those files, in bytes.
    public var bytes: Int64 = 0
}

extension DiskMedia {
    /// Ends an account's deletion that has begun: its images' files, their rows, then its own. Can be
    /// done again after a crash at any point.
    public func finishDeletion(
        of account: Identifier<Account>, in catalog: any Catalog,
        _ ballast: Ballast
    ) throws -> Erasure {
        var erasure = Erasure()
        var last: Identifier<Image>?
        while case let page = try catalog.images.unfinishedDeletions(
            of: account, after: last, limit: 500),
            !page.isEmpty
        {
            for image in page {
                let removed = try ballast.makingRoom(for: .removal) { try remove(image.id) }
                try ballast.makingRoom(for: .removal) {
                    try catalog.images.finishDeletion(of: image.id)
                }
                erasure.images += 1
                erasure.files += removed.files
                erasure.bytes += removed.bytes
            }
            last = page.last?.id
        }
        try ballast.makingRoom(for: .removal) { try catalog.accounts.finishDeletion(of: account) }
        return erasure
    }
}
