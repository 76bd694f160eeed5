import Model
import Processes

// Failures that a worker finds itself; the resizer reports the others. See `errorCode` in the API.
extension RenderFailure {
    static let missing = RenderFailure(
        code: "original_missing", sentence: "The original is not on the server's disk any more.")
    static let storage = RenderFailure(
        code: "storage_failed", sentence: "The sizes could not be written to the server's disk.")

    /// - Parameter how: an exit status or a signal.
    static func resizerEnded(_ how: String) -> RenderFailure {
        RenderFailure(
            code: "resizer_crashed",
            sentence: "The resizer ended while it worked on this picture: \(how).")
    }

    static func timedOut(
        _ excess: WorkBudget.Excess, _ limits: WorkBudget.Limits
    ) -> RenderFailure {
        let reason =
            switch excess {
            case .processor:
                "needs more than \(limits.processor.wholeSeconds) seconds of processor time, which is "
                    + "the most that is allowed"
            case .stall:
                "made no progress for \(limits.stall.wholeSeconds) seconds"
            case .total:
                "was not done after \(limits.total.wholeSeconds) seconds"
            }
        return RenderFailure(
            code: "render_timeout", sentence: "This image \(reason). It was given up.")
    }
}
