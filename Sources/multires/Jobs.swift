import Administration
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
        abstract: "List jobs, and retry failed images.",
        subcommands: [JobsList.self, JobsDead.self, JobsRetry.self])
}

struct JobsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs: image, state, attempts, account, end time, reason for the failure.")

    // Without the jobs that are done, because every complete image has one.
    @Option(help: "Only jobs in this state; can be repeated; default: all that are not done.")
    var state: [JobState] = []

    func run() throws {
        let states: Set<JobState> = state.isEmpty ? [.ready, .running, .failed, .dead] : Set(state)
        try Settings().operations().catalog.queue.visitJobs(in: states) { print($0.line) }
    }
}

struct JobsDead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "List dead jobs: images that failed in all attempts, with the reason.")

    func run() throws {
        try Settings().operations().catalog.queue.visitJobs(in: [.dead]) { print($0.line) }
    }
}

struct JobsRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Retry images, with a new count of attempts.")

    @Argument(help: "The ids of failed images.") var images: [String] = []
    @Flag(help: "Retry the images of all dead jobs.") var dead = false
    @Flag(help: "Render missing sizes of complete images again.") var lost = false

    func run() throws {
        guard dead || lost || !images.isEmpty else {
            throw ConfigurationError("Nothing to retry. Give the ids of images, --dead or --lost.")
        }
        let operations = try Settings().operations()
        let queue = operations.catalog.queue
        var queued = 0
        // Each retry is a transaction, so the images before a wrong id stay queued.
        for text in images {
            guard let id = Identifier<Image>(text), let job = try queue.job(of: id) else {
                throw ConfigurationError(
                    "No image has the id \"\(text)\". List failed images with \"multires jobs list "
                        + "--state failed --state dead\".")
            }
            // Bypasses the limits of the queue, which keep clients from filling it. After a fault of the
            // machine, more jobs may be dead than the limits permit, and all of them must be queued again.
            guard try operations.retry(job) else {
                throw ConfigurationError(
                    "Image \(text) has not failed, or its file was uploaded again since.")
            }
            queued += 1
        }
        // A retried job leaves the state `dead` during the visit. That skips no other job, because the next
        // page begins after the last id and not at an offset.
        if dead { try queue.visitJobs(in: [.dead]) { if try operations.retry($0) { queued += 1 } } }
        // Compares the file of every variant with the catalog, so it takes longer with more images.
        if lost { queued += try operations.repairLostVariants() }
        print(HumanReadable.count(queued, "image") + " queued for another attempt")
    }
}

extension JobRecord {
    /// Separated by tabs, for cut and awk; a column without a value is a hyphen.
    fileprivate var line: String {
        [
            image.text, isRerender ? "\(state.rawValue) (rerender)" : state.rawValue,
            String(attempts),
            email.printable, endedAt?.rfc3339 ?? "-", failure?.sentence.printable ?? "-",
        ].joined(separator: "\t")
    }
}

extension JobState: ExpressibleByArgument {}
