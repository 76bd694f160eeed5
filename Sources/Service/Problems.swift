import API
import Credentials
import Gateway
import Media
import Model
import Operations
import Settings

extension Problem {
    /// What a client is told of a refusal; throws what is no refusal but a fault.
    public init(of error: any Error) throws {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as CatalogError: self.init(refusal)
        case _ where Ballast.isFull(error): self = .noSpace
        case is HashingBusy: self = .busy(retryAfter: 2)
        case MediaError.roomTaken: self = .uploadRoomTaken
        case MediaError.shareUsed: self = .uploadShareUsed
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
            case .unsupported: .unsupportedPhoto
            case .unavailable(let format): .unavailableFormat(format.name)
            }
    }
}
