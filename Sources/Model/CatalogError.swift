/// Why a store refuses a call. Any other error is a fault of the machine or a bug.
public enum CatalogError: Error, Hashable, Sendable {
    /// Another account has this email. Emails are compared in canonical form (`EmailAddress.canonical`).
    case emailTaken
    /// The account's quota of images or bytes is used up.
    case quotaExceeded
    /// The account already has as many API keys as it may have.
    case tooManyKeys
    /// The account already has as many images waiting or in progress as it may have.
    case accountQueueFull
    /// All accounts together already have as many images waiting or in progress as the service accepts.
    case queueFull
    /// The idempotency key was used in the last 24 h with other bytes or another fit.
    case idempotencyConflict
    /// Another worker has the lease by now, or the job was cancelled; nothing was changed.
    case leaseLost
    /// Other writers held the database for as long as this caller may wait; nothing was changed.
    case busy
    /// The disk of the database is full; nothing was changed.
    case noSpace
    /// The commit failed with an I/O error: the change may be stored, or may become stored when the database
    /// is next opened after a crash. So files that the transaction refers to must not be removed.
    case unknownOutcome
}

extension CatalogError: CustomStringConvertible {
    /// For the output of commands and for logs.
    public var description: String {
        switch self {
        case .emailTaken: "Another account has this email."
        case .quotaExceeded: "The account's quota is used up."
        case .tooManyKeys: "The account already has as many API keys as it may have."
        case .accountQueueFull: "Too many images of this account are waiting."
        case .queueFull: "Too many images are waiting."
        case .idempotencyConflict: "The idempotency key was used with other content."
        case .leaseLost: "The lease was lost."
        case .busy: "The database is busy: nothing was changed."
        case .noSpace: "The disk is full: nothing was changed."
        case .unknownOutcome:
            "The disk failed while the database was written: the change may or may not be stored."
        }
    }
}
