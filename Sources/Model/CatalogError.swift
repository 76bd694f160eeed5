/// What a store refuses. Anything else that is thrown is a fault of the machine or of ours.
public enum CatalogError: Error, Hashable, Sendable {
    /// Another account has this email, in whatever case.
    case emailTaken
    /// The account's images or bytes are used up.
    case quotaExceeded
    /// The account has as many keys as it may have.
    case tooManyKeys
    /// As many images of this account wait as it may have waiting.
    case accountQueueFull
    /// As many images wait as the service takes on.
    case queueFull
    /// The idempotency key was used within 24 h with other content.
    case idempotencyConflict
    /// The lease is another's by now, or its job was cancelled: nothing was changed.
    case leaseLost
    /// The database waited as long as it may for another writer; nothing was changed.
    case busy
    /// The disk under the database is full; nothing was changed.
    case noSpace
    /// The commit met an I/O error: it may have happened, or happen when the database is opened
    /// again after a crash. Whatever the transaction refers to must stay.
    case unknownOutcome
}

extension CatalogError: CustomStringConvertible {
    /// For whoever runs a command or reads a log.
    public var description: String {
        switch self {
        case .emailTaken: "There is an account with this email."
        case .quotaExceeded: "The account's quota is used up."
        case .tooManyKeys: "The account has as many keys as it may have."
        case .accountQueueFull: "Too many images of this account wait."
        case .queueFull: "Too many images wait."
        case .idempotencyConflict: "The idempotency key was used with other content."
        case .leaseLost: "The lease was lost."
        case .busy: "The database is busy: nothing was changed."
        case .noSpace: "The disk is full: nothing was changed."
        case .unknownOutcome:
            "The disk failed while the database was written: the change may or may not be stored."
        }
    }
}
