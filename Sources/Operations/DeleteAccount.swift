import Model

extension Operations {
    /// The first step of `deleteAccount`, which cannot be undone: hides the account and signs it out
    /// everywhere. False when the account does not exist, or when `hash` is not nil and no longer its
    /// password hash.
    public func beginDeletion(
        of account: Identifier<Account>, verified hash: String?
    ) throws -> Bool {
        try reservedSpace.withReservedSpace(for: .removal) {
            try catalog.accounts.beginDeletion(of: account, verified: hash, at: .now())
        }
    }

    /// The other steps: removes the files of the account's images, their rows, then the account's row. Can be
    /// repeated after a crash at any point, which a sweep does. Throws `Unfinished` when not everything could
    /// be removed yet.
    public func finishDeletion(of account: Identifier<Account>) throws -> Removed {
        try unfinished {
            var removed = Removed()
            try catalog.images.visitUnfinishedDeletions(of: account) { image in
                let gone = try finishDeletion(of: image.id)
                removed.images += gone.images
                removed.files += gone.files
                removed.bytes += gone.bytes
            }
            try reservedSpace.withReservedSpace(for: .removal) {
                try catalog.accounts.finishDeletion(of: account)
            }
            return removed
        }
    }

    /// All steps. Nil when the account does not exist.
    public func deleteAccount(_ account: Identifier<Account>) throws -> Removed? {
        try beginDeletion(of: account, verified: nil) ? finishDeletion(of: account) : nil
    }
}
