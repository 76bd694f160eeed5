import Metrics
import Model

/// How an attempt to render an image ended.
enum AttemptOutcome {
    /// The image is complete, with this number of variants.
    case complete(variants: Int)
    /// The image itself cannot be rendered; there is no further attempt.
    case failed(RenderFailure)
    /// Another attempt follows.
    case retried(RenderFailure)
    /// It was the last attempt.
    case dead(RenderFailure)
    /// For a reason outside the image; the attempt is not counted.
    case delayed(RenderFailure)
    /// The worker released the job, because it stops or because a spare thread is needed for other accounts.
    case released
    /// The image was deleted meanwhile, or the job was given to another worker.
    case lost

    var metric: Metrics.AttemptResult {
        switch self {
        case .complete: .complete
        case .failed: .failed
        case .retried: .retried
        case .dead: .dead
        case .delayed: .delayed
        case .released: .released
        case .lost: .lost
        }
    }

    /// For the log.
    var message: String {
        switch self {
        case .complete(let variants): HumanReadable.count(variants, "size")
        case .failed(let failure), .retried(let failure), .dead(let failure),
            .delayed(let failure):
            failure.code
        case .released: "released"
        case .lost: "its lease was lost"
        }
    }
}
