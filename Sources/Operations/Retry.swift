import Media
import Model

extension Operations {
    /// A failed image is tried again, with a fresh count of attempts. Nil when the owner has no such image;
    /// `queued` is false, and nothing has changed, when it has not failed, or when the same bytes were
    /// uploaded again since.
    public func retry(
        _ id: Identifier<Image>, of owner: Identifier<Account>, within allowance: Allowance,
        requestID: String?
    ) throws -> (image: Image, job: Identifier<Job>, queued: Bool)? {
        let answer = try catalog.images.retry(
            id, of: owner, within: allowance, requestID: requestID, at: .now())
        if answer?.queued == true { wakeUp.wake() }
        return answer
    }

    /// Tries a job again for an operator, whom no queue limit stops. A failed re-render is re-rendered. False
    /// when the job has not failed, or when the same bytes were uploaded again since.
    public func retry(_ job: JobRecord) throws -> Bool {
        if job.isRedo { return try rerender([job.image]) == 1 }
        let anything = Allowance(
            quota: configuration.quota, accountQueue: .max, queue: .max)
        return try retry(job.image, of: job.account, within: anything, requestID: nil)?.queued
            ?? false
    }

    /// Complete images that lost sizes on the disk are pending until they are there again. Returns how many.
    public func remakeLostSizes() throws -> Int {
        let count = try Losses(catalog, media).remakeSizes()
        if count > 0 { wakeUp.wake() }
        return count
    }
}
