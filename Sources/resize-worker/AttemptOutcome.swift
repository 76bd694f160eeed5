import Metrics
import Model

/// How an attempt to make an image's sizes ended.
enum AttemptOutcome {
    /// With so many sizes.
    case complete(sizes: Int)
    /// The picture is at fault; there is no other attempt.
    case failed(RenderFailure)
    /// Another attempt follows.
    case retried(RenderFailure)
    /// It was the last attempt.
    case dead(RenderFailure)
    /// For a reason that is not the picture's, which is no attempt.
    case postponed(RenderFailure)
    /// Handed back: the worker stops, or the slot gives way to other accounts.
    case released
    /// The image was deleted meanwhile, or the job given to another.
    case lost

    var metric: Metrics.AttemptResult {
        switch self {
        case .complete: .complete
        case .failed: .failed
        case .retried: .retried
        case .dead: .dead
        case .postponed: .postponed
        case .released: .released
        case .lost: .lost
        }
    }

    /// For the log.
    var message: String {
        switch self {
        case .complete(let sizes): "\(sizes) sizes"
        case .failed(let failure), .retried(let failure), .dead(let failure),
            .postponed(let failure):
            failure.code
        case .released: "handed back"
        case .lost: "its lease was lost"
        }
    }
}
