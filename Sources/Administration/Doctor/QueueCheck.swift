import Foundation
import Model
import Operations
import Processes
import Settings

/// Checks the queue: a worker runs, jobs make progress, and no job is dead.
package struct QueueCheck {
    /// An idle worker claims a job that is due within a second.
    private static let timeout = Duration.seconds(5)

    private let configuration: Configuration
    private let catalog: any Catalog

    package init(_ configuration: Configuration, _ catalog: any Catalog) {
        self.configuration = configuration
        self.catalog = catalog
    }

    package func findings() throws -> [Finding] {
        let state = try catalog.queue.state()
        return try [
            moving(state),
            Finding(
                "dead jobs", state.dead == 0, ok: "none", else: .warning,
                HumanReadable.count(state.dead, "image")
                    + " failed after \(HumanReadable.count(configuration.attempts, "attempt")). "
                    + "\"multires jobs dead\" lists the reasons, \"multires jobs retry --dead\" "
                    + "retries the images."),
        ]
    }

    private func moving(_ state: QueueState) throws -> Finding {
        let waiting = state.ready + state.rerenders
        let counts =
            HumanReadable.count(waiting, "image waits", "images wait") + ", "
            + HumanReadable.count(state.running, "is in progress", "are in progress")
        guard Workers.areRunning(configuration.folders) else {
            return Finding(
                "queue", waiting + state.running == 0, ok: "empty; no worker is running",
                else: .warning,
                "\(counts), but no worker is running. Start \"multires serve\".")
        }
        guard try !moves() else { return Finding(.ok, "queue", counts) }
        return Finding(
            .problem, "queue",
            "\(counts), but the running worker claims no job. Stop resize-worker, which \"multires "
                + "serve\" then restarts, and see its log.")
    }

    /// False if the queue is stuck: a job stays due, or keeps an expired lease, although no image is in
    /// progress.
    private func moves() throws -> Bool {
        let end = ContinuousClock.now + Self.timeout
        while ContinuousClock.now < end {
            let state = try catalog.queue.state()
            if state.running > state.overdue { return true }
            if try catalog.queue.nextDue() != .zero { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }
}
