import Foundation
import Media
import Model
import Operations
import Settings

/// Checks the database and, if it can be read, the files and the queue.
package struct CatalogCheck {
    private let configuration: Configuration

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func findings() -> [Finding] {
        Administration.findings("database") {
            let media = MediaEngine.open(configuration.folders)
            let isMissing = !FileManager.default.fileExists(atPath: configuration.folders.catalog)
            if try isMissing && media.hasOriginals() {
                throw ConfigurationError(
                    "\(configuration.folders.catalog) is missing, but originals/ is not. "
                        + CatalogMismatch.remedyIfMissing)
            }
            let catalog = try CatalogEngine.open(configuration, for: .worker)
            try catalog.quickCheck()
            try CatalogMatch(catalog, media, configuration.folders).check()
            return try [
                Finding(.ok, "database", "intact, in \(configuration.journal) mode"),
                sqlite(catalog), clock(catalog),
            ] + log(catalog) + FileCheck(configuration, catalog).findings()
                + QueueCheck(configuration, catalog).findings()
        }
    }

    private func sqlite(_ catalog: any Catalog) throws -> Finding {
        let (version, isSafe) = try catalog.safety()
        return Finding(
            "SQLite", isSafe,
            ok: "\(version), syncs every commit, only one process runs checkpoints",
            "\(version) ignores a setting that protects data. Report this build of SQLite.")
    }

    /// Ids and links contain times: if the clock is behind them, new images are sorted among old ones.
    private func clock(_ catalog: any Catalog) throws -> Finding {
        let now = Timestamp.now()
        let newest = try catalog.images.newestUpload()
        return Finding(
            "clock", newest.map { $0 < now + .seconds(60) } ?? true, ok: now.rfc3339,
            "the clock shows \(now.rfc3339), but the newest image was uploaded at "
                + "\(newest?.rfc3339 ?? ""). Set the clock (timedatectl): links and tokens depend "
                + "on it.")
    }

    private func log(_ catalog: any Catalog) -> [Finding] {
        guard configuration.journal == .wal else { return [] }
        let size = catalog.logBytes
        return [
            Finding(
                "database log", size <= Self.maxLog, ok: "\(size) bytes", else: .warning,
                "it has grown to \(size) bytes, because no checkpoint was possible. Start "
                    + "\"multires serve\", or stop programs that keep the database open.")
        ]
    }

    /// The worker runs a checkpoint from 4 MB on.
    private static let maxLog: Int64 = 64_000_000
}
