import Model

extension Operations {
    /// Complete images get the sizes of the preset in force, after all other work; the old ones are served
    /// until then, and their addresses for MULTIRES_SIZES_GRACE. Returns how many were queued now: those in
    /// work already, or not complete, are left out.
    public func rerender(_ images: [Identifier<Image>]) throws -> Int {
        let queued = try catalog.queue.redo(images)
        if queued > 0 { wakeUp.wake() }
        return queued
    }
}
