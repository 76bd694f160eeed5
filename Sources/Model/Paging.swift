/// Calls `body` for every element and reads a page at a time, so that a million elements need the memory of
/// one page.
///
/// - Parameter page: returns the elements after the given one, or the first page for nil; empty at the end.
private func visit<Element>(
    _ body: (Element) throws -> Void, page: (Element?) throws -> [Element]
) throws {
    var last: Element?
    while case let elements = try page(last), !elements.isEmpty {
        for element in elements { try body(element) }
        last = elements.last
    }
}

private let pageSize = 500

extension ImageStore {
    /// Every image of every account that is not being deleted.
    public func visitInventory(_ body: (StoredImage) throws -> Void) throws {
        try visit(body) { try inventory(after: $0?.image.id, limit: pageSize) }
    }

    /// Images that are public and complete.
    public func visitPublished(_ body: (Identifier<Image>) throws -> Void) throws {
        try visit(body) { try published(after: $0, limit: pageSize) }
    }

    /// Images whose deletion has begun.
    public func visitUnfinishedDeletions(_ body: (Image) throws -> Void) throws {
        try visit(body) { try unfinishedDeletions(after: $0?.id, limit: pageSize) }
    }

    /// Images of one account whose deletion has begun.
    public func visitUnfinishedDeletions(
        of account: Identifier<Account>, _ body: (Image) throws -> Void
    ) throws {
        try visit(body) { try unfinishedDeletions(of: account, after: $0?.id, limit: pageSize) }
    }

    /// An account's images, the newest first.
    public func visitImages(
        of owner: Identifier<Account>, _ body: (Image) throws -> Void
    ) throws {
        try visit(body) {
            try list(of: owner, where: ImageFilter(before: $0?.id, limit: pageSize))
        }
    }
}

extension JobQueue {
    /// Jobs in one of these states.
    public func visitJobs(in states: Set<JobState>, _ body: (JobRecord) throws -> Void) throws {
        try visit(body) { try jobs(states, after: $0?.id, limit: pageSize) }
    }
}
