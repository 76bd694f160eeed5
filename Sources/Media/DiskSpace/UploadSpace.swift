/// The disk space for uploads: decides whether one more fits, together with those in progress.
public struct UploadSpace: Sendable {
    /// Bytes free now.
    public let free: Int64
    /// Bytes that uploads must leave free.
    public let reserve: Int64
    /// Percent of the space above the reserve that one account's uploads in progress may take.
    public let share: Int

    public enum Verdict: Sendable {
        case fits
        /// Too little is free, even if no other upload is stored.
        case noSpace
        /// It fits when enough of the other uploads have ended without being stored.
        case spaceReserved
        /// It fits when the account's own uploads have ended.
        case accountShareUsed
    }

    /// An account's only upload may take more than its share, so that a large photo fits on a small disk.
    ///
    /// - Parameters:
    ///   - inProgress: bytes of all uploads in progress; `own` are those of the same account.
    ///   - written: how many of these bytes are already on disk, and so no longer free.
    public func verdict(
        for bytes: Int64, inProgress: Int64, own: Int64, written: Int64
    ) -> Verdict {
        let (above, isNegative) = (free + min(written, inProgress)).subtractingReportingOverflow(
            reserve)
        guard !isNegative, bytes < above else { return .noSpace }
        guard bytes + inProgress < above else { return .spaceReserved }
        return own == 0 || own + bytes <= above / 100 * Int64(share) ? .fits : .accountShareUsed
    }
}
