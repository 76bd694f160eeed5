import Media
import Model

extension Operations {
    /// Queues a failed image again, with its count of attempts at 0. Nil when the owner has no such image.
    /// `queued` is false, and nothing has changed, when it has not failed, or when the same bytes were
    /// uploaded again since.
    public func retry(
        _ id: Identifier<Image>, of owner: Identifier<Account>, within allowance: Allowance,
        requestID: String?
    ) throws -> (image: Image, job: Identifier<Job>, queued: Bool)? {
        let answer = try catalog.images.retry(
            id, of: owner, within: allowance, requestID: requestID, at: .now())
        if answer?.queued == true { wakeWorker.forJob() }
        return answer
    }

    /// The same for an operator, to whom the queue's limits do not apply. A job that was a re-render becomes
    /// one again. False when the image has not failed, or was uploaded again since.
    public func retry(_ job: JobRecord) throws -> Bool {
        if job.isRerender { return try rerender([job.image]) == 1 }
        let anything = Allowance(
            quota: configuration.quota, accountQueue: .max, queue: .max)
        return try retry(job.image, of: job.account, within: anything, requestID: nil)?.queued
            ?? false
    }

    /// Queues complete images again whose variants are missing on disk: they are pending until these exist
    /// again. Returns how many.
    public func repairLostVariants() throws -> Int {
        let count = try Losses(catalog, media).repairVariants()
        if count > 0 { wakeWorker.forJob() }
        return count
    }
}
