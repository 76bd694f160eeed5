import API
import Credentials
import Gateway
import Media
import Model
import Operations
import Settings

extension Problem {
    /// The response to an error that is a refusal. Rethrows any other, which is a fault: it is logged and
    /// answered 500.
    public init(of error: any Error) throws {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as CatalogError: self.init(refusal)
        // After CatalogError: an unknown outcome counts as a full disk too, but has its own response.
        case _ where ReservedSpace.isFull(error): self = .noSpace
        case is HashingBusy: self = .busy(retryAfter: 2)
        case MediaError.spaceReserved: self = .uploadSpaceReserved
        case MediaError.accountShareUsed: self = .accountUploadShareUsed
        default: throw error
        }
    }

    public init(_ error: CatalogError) {
        self =
            switch error {
            case .quotaExceeded: .quotaExceeded
            case .tooManyKeys: .tooManyKeys
            case .accountQueueFull: .accountQueueFull
            case .queueFull, .busy: .busy(retryAfter: 10)
            case .idempotencyConflict: .idempotencyConflict
            case .noSpace: .noSpace
            case .unknownOutcome: .unknownOutcome(retryAfter: 5)
            case .emailTaken: .emailTaken
            case .leaseLost: .internal  // Only workers hold leases.
            }
    }

    public init(_ refusal: IngestRefusal) {
        self =
            switch refusal {
            case .empty: .emptyUpload
            case .unsupported: .unsupportedImage
            case .unavailable(let format): .unavailableFormat(format.name)
            }
    }
}
