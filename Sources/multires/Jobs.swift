import ArgumentParser
import Foundation
import Media
import Model
import Operations
import Processes
import Settings
import Text

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks into the queue, and has pictures tried again.",
        subcommands: [JobsList.self, JobsDead.self, JobsRetry.self])
}

struct JobsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists jobs: image, state, attempts, account, when it ended, why it failed.")

    @Option(help: "Only those in this state; by default what is not done.")
    var state: [JobState] = []

    func run() throws {
        let states: Set<JobState> = state.isEmpty ? [.ready, .running, .failed, .dead] : Set(state)
        try Queue().visit(in: states) { print($0.line) }
    }
}

struct JobsDead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Lists images that were given up, each with the reason.")

    func run() throws {
        try Queue().visit(in: [.dead]) { print($0.line) }
    }
}

struct JobsRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Has images tried again, with a fresh count of attempts.")

    @Argument(help: "Ids of images that failed.") var images: [String] = []
    @Flag(help: "All that were given up.") var dead = false
    @Flag(help: "All complete ones that lost sizes on the disk.") var lost = false

    func run() throws {
        guard dead || lost || !images.isEmpty else {
            throw Failure("Name images, or --dead, or --lost.")
        }
        let queue = try Queue()
        var queued = 0
        for text in images {
            guard let id = Identifier<Image>(text), let job = try queue.catalog.queue.job(of: id)
            else {
                throw Failure("There is no image \(text).")
            }
            guard try queue.retry(job) else {
                throw Failure("Image \(text) has not failed, or was uploaded again since.")
            }
            queued += 1
        }
        if dead { try queue.visit(in: [.dead]) { if try queue.retry($0) { queued += 1 } } }
        if lost { queued += try queue.remakeLost() }
        Doorbell.ring(queue.configuration.folders.doorbells)
        print("\(queued) images are tried again")
    }
}

/// The queue as these commands use it.
private struct Queue {
    let configuration: Configuration
    let catalog: any Catalog

    init() throws {
        configuration = try Settings().configuration
        catalog = try CatalogEngine.open(configuration, for: .worker)
    }

    func visit(in states: Set<JobState>, _ body: (JobRecord) throws -> Void) throws {
        var last: Identifier<Job>?
        while case let page = try catalog.queue.jobs(states, after: last, limit: 500), !page.isEmpty
        {
            for job in page { try body(job) }
            last = page.last?.id
        }
    }

    /// False when it has not failed, or the same bytes were uploaded again since.
    func retry(_ job: JobRecord) throws -> Bool {
        if job.isRedo { return try catalog.queue.redo([job.image]) == 1 }
        // Whoever sits at the shell may fill the queue.
        let anything = Allowance(
            quota: configuration.quota, accountQueue: .max, queue: .max)
        return try catalog.images.retry(
            job.image, of: job.account, within: anything, requestID: nil, at: .now())?.queued
            ?? false
    }

    func remakeLost() throws -> Int {
        var count = 0
        try Losses(catalog, DiskMedia(configuration.folders)).visit { stored, loss in
            if case .sizes = loss, try catalog.queue.remake(stored.image.id) { count += 1 }
        }
        return count
    }
}

extension JobRecord {
    fileprivate var line: String {
        [
            image.text, isRedo ? "\(state.rawValue) (redo)" : state.rawValue, String(attempts),
            email.printable, endedAt?.rfc3339 ?? "-", failure?.sentence.printable ?? "-",
        ].joined(separator: "\t")
    }
}

extension JobState: ExpressibleByArgument {}
