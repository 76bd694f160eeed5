import Model

extension Operations {
    /// Queues complete images for a re-render with the current preset, after all other work. Pages show the
    /// old variants until then, and the old variants' addresses work for MULTIRES_SIZES_GRACE after it.
    /// Returns how many were queued: images that are not complete, or whose job is waiting or running, are
    /// left out.
    public func rerender(_ images: [Identifier<Image>]) throws -> Int {
        let queued = try catalog.queue.rerender(images)
        if queued > 0 { wakeWorker.forJob() }
        return queued
    }
}
