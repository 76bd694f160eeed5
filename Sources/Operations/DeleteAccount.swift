import Model

extension Operations {
    /// The first step of `deleteAccount`, from which on nothing brings it back: it is hidden and signed out
    /// everywhere. False when it is not there, or when `hash` is not nil and no longer its password's.
    public func beginDeletion(
        of account: Identifier<Account>, verified hash: String?
    ) throws -> Bool {
        try ballast.makingRoom(for: .removal) {
            try catalog.accounts.beginDeletion(of: account, verified: hash, at: .now())
        }
    }

    /// The other steps: its images' files, their rows, then its own. Can be done again after a crash at
    /// any point, and a sweep does. Throws `Unfinished` when not all could be removed yet.
    public func finishDeletion(of account: Identifier<Account>) throws -> Removed {
        try unfinished {
            var removed = Removed()
            try catalog.images.visitUnfinishedDeletions(of: account) { image in
                let gone = try finishDeletion(of: image.id)
                removed.images += gone.images
                removed.files += gone.files
                removed.bytes += gone.bytes
            }
            try ballast.makingRoom(for: .removal) {
                try catalog.accounts.finishDeletion(of: account)
            }
            return removed
        }
    }

    /// Both. Nil when it is not there.
    public func deleteAccount(_ account: Identifier<Account>) throws -> Removed? {
        try beginDeletion(of: account, verified: nil) ? finishDeletion(of: account) : nil
    }
}
