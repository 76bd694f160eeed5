import Foundation
import Model
import Operations
import Processes
import Settings

/// Whether work is done: a worker that runs, jobs that move, none given up.
package struct QueueCheck {
    /// A worker that has nothing in hand takes a job that is due within a second.
    private static let patience = Duration.seconds(5)

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
                "given up", state.dead == 0, ok: "no image", else: .warning,
                "\(state.dead) images were given up after \(configuration.attempts) attempts: see "
                    + "why with \"multires jobs dead\", then \"multires jobs retry --dead\"."),
        ]
    }

    private func moving(_ state: QueueState) throws -> Finding {
        let waiting = state.ready + state.redos
        let words = "\(waiting) images wait, \(state.running) are in work"
        guard Workers.areRunning(configuration.folders) else {
            return Finding(
                "queue", waiting + state.running == 0, ok: "empty; no worker runs",
                else: .warning, "\(words), and no worker runs: start \"multires serve\".")
        }
        guard try !moves() else { return Finding(.ok, "queue", words) }
        return Finding(
            .problem, "queue",
            "\(words), and the worker that runs takes none up: end resize-worker, \"multires "
                + "serve\" starts another, and see its log.")
    }

    /// Stuck is what is due, or has lost its lease, and stays so although no picture is in work.
    private func moves() throws -> Bool {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let state = try catalog.queue.state()
            if state.running > state.overdue { return true }
            if try catalog.queue.nextDue() != .zero { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }
}
