import Model
import Processes

// Failures that a worker finds itself; the resizer reports the others. See `errorCode` in the API.
extension RenderFailure {
    static let missing = RenderFailure(
        code: "original_missing",
        sentence: "The original no longer exists on the server. Upload it again.")
    static let storage = RenderFailure(
        code: "storage_failed",
        sentence: "The variants could not be written to the server's disk. Retry the image.")

    /// - Parameter how: how it ended, such as its exit status or a signal.
    static func resizerEnded(_ how: String) -> RenderFailure {
        RenderFailure(
            code: "resizer_crashed",
            sentence: "The resizer crashed while it rendered this image (\(how)). Retry the image.")
    }

    static func timedOut(
        _ excess: WorkBudget.Excess, _ limits: WorkBudget.Limits
    ) -> RenderFailure {
        let reason =
            switch excess {
            case .processor:
                "needs more than \(seconds(limits.processor)) of processor time, which is the limit"
            case .stall:
                "made no progress for \(seconds(limits.stall))"
            case .total:
                "was not rendered after \(seconds(limits.total))"
            }
        return RenderFailure(
            code: "render_timeout",
            sentence: "This image \(reason). Retry it, or upload a smaller one.")
    }

    private static func seconds(_ span: Duration) -> String {
        HumanReadable.count(Int(span.wholeSeconds), "second")
    }
}
