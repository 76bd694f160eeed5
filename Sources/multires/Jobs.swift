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
        try Settings().operations().catalog.queue.visitJobs(in: states) { print($0.line) }
    }
}

struct JobsDead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Lists images that were given up, each with the reason.")

    func run() throws {
        try Settings().operations().catalog.queue.visitJobs(in: [.dead]) { print($0.line) }
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
            throw Unusable("Name images, or --dead, or --lost.")
        }
        let operations = try Settings().operations()
        let queue = operations.catalog.queue
        var queued = 0
        for text in images {
            guard let id = Identifier<Image>(text), let job = try queue.job(of: id) else {
                throw Unusable("There is no image \(text).")
            }
            guard try operations.retry(job) else {
                throw Unusable("Image \(text) has not failed, or was uploaded again since.")
            }
            queued += 1
        }
        if dead { try queue.visitJobs(in: [.dead]) { if try operations.retry($0) { queued += 1 } } }
        if lost { queued += try operations.remakeLostSizes() }
        print("\(queued) images are tried again")
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
