import Gateway
import Model
import Processes
import Settings

extension ImageResponder {
    /// Tells the worker that there is work, or where none stays (MULTIRES_WORKER=drain), starts one
    /// that ends with the queue. It outlives this request, where the host lets it; where not, the next
    /// cron tick does the same, so nothing depends on it and a failure is nobody's.
    func wakeWorker() {
        let folders = configuration.folders
        Doorbell.ring(folders.doorbells)
        guard configuration.worker == .drain, Self.isNobodyDraining(folders) else { return }
        try? ChildProcess.startDetached(
            ProgramFiles.path(of: "resize-worker"), ["--drain"],
            environment: program.environment.filter { name, _ in
                ["PATH", "VIPSHOME", "LIBHEIF_PLUGIN_PATH"].contains(name)
                    || name.hasPrefix("MULTIRES_") || name.hasPrefix("JWT_")
            },
            log: folders.drainLog)
    }

    /// Tells a worker that stays to have a resizer ready: a start takes about as long as storing a
    /// photo does, and can be had meanwhile. Small ones are stored sooner than it is told.
    func announceUpload(of length: Int64) {
        guard length > 500_000, configuration.worker == .daemon else { return }
        Doorbell.ring(configuration.folders.doorbells, .soon)
    }

    /// One who drains looks again after letting its lock go, so a job that was there when we found
    /// the lock taken is not forgotten.
    private static func isNobodyDraining(_ folders: DataFolders) -> Bool {
        (try? FileLock(path: folders.drainLock).tryLock(.exclusive)) ?? false
    }
}
