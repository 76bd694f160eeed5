import Catalog
import Housekeeping
import Logging
import SQLiteCatalog

/// The sweeper and the checkpointer as the worker runs them: failures are logged, and the next time
/// tries again, for serving goes on.
struct Housekeeper {
    private let sweeper: Sweeper<SQLiteCatalog>
    private let checkpointer: Checkpointer?
    private let log: Logger

    init(_ configuration: Configuration, _ catalog: SQLiteCatalog, _ log: Logger) throws {
        sweeper = Sweeper(configuration, catalog)
        checkpointer =
            configuration.journal == .wal
            ? try Checkpointer(path: configuration.folders.catalog) : nil
        self.log = log
    }

    func sweep() {
        for step in sweeper.steps {
            attempt(step.what) {
                let done = try step.run()
                if done.count > 0 { log.notice("\(done.count) \(step.what)") }
            }
        }
    }

    /// Folds the write-ahead log into the database: this worker alone may (Checkpointer says why).
    func checkpoint() {
        guard let checkpointer else { return }
        attempt("checkpoint") { try checkpointer.checkpoint() }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { log.error("\(what): \(error)") }
    }
}
