/// The disk's room for uploads: whether one more fits beside those that are on their way in.
public struct UploadRoom: Sendable {
    /// Bytes free now.
    public let free: Int64
    /// Bytes that uploads must leave free.
    public let reserve: Int64
    /// Percent of the room that one account may have on its way.
    public let share: Int

    public enum Verdict: Sendable {
        case fits
        /// Too little is free, whatever becomes of the others.
        case noSpace
        /// It fits once enough of the others have ended without being stored.
        case roomTaken
        /// It fits once the account's own have ended.
        case shareUsed
    }

    /// An account's only upload may take more than its share, so that a large photo fits a small disk.
    ///
    /// - Parameters:
    ///   - underWay: bytes of all uploads on their way, `own` those of the same account.
    ///   - written: how many of them are on the disk already, and so no longer free.
    public func verdict(
        for bytes: Int64, underWay: Int64, own: Int64, written: Int64
    ) -> Verdict {
        let (above, isNegative) = (free + min(written, underWay)).subtractingReportingOverflow(
            reserve)
        guard !isNegative, bytes < above else { return .noSpace }
        guard bytes + underWay < above else { return .roomTaken }
        return own == 0 || own + bytes <= above / 100 * Int64(share) ? .fits : .shareUsed
    }
}
