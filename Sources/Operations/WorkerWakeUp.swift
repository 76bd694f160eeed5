import Model
import Processes
import Settings

/// How the worker is told of work.
public struct WorkerWakeUp: Sendable {
    /// Bytes; a photo of fewer is stored sooner than a resizer has started.
    private static let announced: Int64 = 500_000

    private let configuration: Configuration
    private let environment: [String: String]

    /// - Parameter environment: this program's, of which a worker that is started here gets what it needs.
    public init(_ configuration: Configuration, _ environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment.filter { name, _ in
            ["PATH", "VIPSHOME", "LIBHEIF_PLUGIN_PATH"].contains(name)
                || name.hasPrefix("MULTIRES_") || name.hasPrefix("JWT_")
        }
    }

    /// Tells the worker that there is work, or where none stays (MULTIRES_WORKER=drain), starts one
    /// that ends with the queue. It outlives this program, where the host lets it; where not, the next
    /// cron tick does the same, so nothing depends on it and a failure is nobody's.
    public func wake() {
        Doorbell.ring(configuration.folders.doorbells)
        guard configuration.worker == .drain, isNobodyDraining else { return }
        try? ChildProcess.startDetached(
            ProgramFiles.path(of: "resize-worker"), ["--drain"], environment: environment,
            log: configuration.folders.drainLog)
    }

    /// Tells a worker that stays to have a resizer ready: a start takes about as long as storing a
    /// photo does, and can be had meanwhile.
    public func announceUpload(of length: Int64) {
        guard length > Self.announced, configuration.worker == .daemon else { return }
        Doorbell.ring(configuration.folders.doorbells, .soon)
    }

    /// Whether what waits will be worked on: by a worker that runs, or by one that `wake` starts.
    public var isAnswered: Bool {
        configuration.worker == .drain || Workers.areRunning(configuration.folders)
    }

    /// One who drains looks again after letting its lock go, so a job that was there when we found
    /// the lock taken is not forgotten.
    private var isNobodyDraining: Bool {
        (try? FileLock(path: configuration.folders.drainLock).tryLock(.exclusive)) ?? false
    }
}
