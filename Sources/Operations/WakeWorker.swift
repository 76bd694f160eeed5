import Model
import Processes
import Settings

/// Wakes the worker for new jobs; on a host where no worker stays running, starts one.
public struct WakeWorker: Sendable {
    /// In bytes. The original of a smaller upload is stored before a resizer could start.
    private static let announced: Int64 = 500_000

    private let configuration: Configuration
    private let environment: [String: String]

    /// - Parameter environment: this program's. A worker that is started here gets the variables it needs.
    public init(_ configuration: Configuration, _ environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment.filter { name, _ in
            ["PATH", "VIPSHOME", "LIBHEIF_PLUGIN_PATH"].contains(name)
                || name.hasPrefix("MULTIRES_") || name.hasPrefix("JWT_")
        }
    }

    /// Notifies the worker of a new job. With MULTIRES_WORKER=drain it starts a worker instead, which
    /// exits when the queue is empty. That worker outlives this program where the host allows it; elsewhere
    /// the next cron run starts one. So a failure here is ignored.
    public func forJob() {
        WorkerWakeup.send(.jobAdded, to: configuration.folders.listeners)
        guard configuration.worker == .drain, noneIsDraining else { return }
        try? ChildProcess.startDetached(
            ProgramFiles.path(of: "resize-worker"), ["--drain"], environment: environment,
            log: configuration.folders.drainLog)
    }

    /// Notifies a running worker of an upload, so that it has a resizer ready. Starting one takes about as
    /// long as storing the original, so both happen at the same time.
    ///
    /// - Parameter length: bytes of the upload.
    public func forUpload(of length: Int64) {
        guard length > Self.announced, configuration.worker == .daemon else { return }
        WorkerWakeup.send(.uploadStarted, to: configuration.folders.listeners)
    }

    /// Whether waiting jobs will run: in a worker that runs, or in one that `forJob` starts.
    public var hasWorker: Bool {
        configuration.worker == .drain || Workers.areRunning(configuration.folders)
    }

    /// A draining worker looks for jobs again after it has released its lock, so it does not miss a job that
    /// was added while it held the lock.
    private var noneIsDraining: Bool {
        (try? FileLock(path: configuration.folders.drainLock).tryLock(.exclusive)) ?? false
    }
}
