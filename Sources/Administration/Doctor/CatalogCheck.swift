import Foundation
import Media
import Model
import Operations
import Settings

/// The database; and, as far as it can be read, its files and its queue.
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
                throw Unusable(
                    "\(configuration.folders.catalog) is missing, but originals/ is not. "
                        + CatalogMismatch.remedy)
            }
            let catalog = try CatalogEngine.open(configuration, for: .worker)
            try catalog.quickCheck()
            try CatalogMatch(catalog, media, configuration.folders).check()
            return try [
                Finding(.ok, "database", "whole, in \(configuration.journal) mode"),
                sqlite(catalog), clock(catalog),
            ] + log(catalog) + FileCheck(configuration, catalog).findings()
                + QueueCheck(configuration, catalog).findings()
        }
    }

    private func sqlite(_ catalog: any Catalog) throws -> Finding {
        let (version, isSafe) = try catalog.safety()
        return Finding(
            "SQLite", isSafe,
            ok: "\(version), every commit on the disk, checkpoints by one process alone",
            "\(version) does not keep to the rules that keep data: report this build of SQLite.")
    }

    /// Ids and links carry times: with the clock behind them, new images sort as old ones.
    private func clock(_ catalog: any Catalog) throws -> Finding {
        let now = Timestamp.now()
        let newest = try catalog.images.newestUpload()
        return Finding(
            "clock", newest.map { $0 < now + .seconds(60) } ?? true, ok: now.rfc3339,
            "it says \(now.rfc3339), and the newest image is of \(newest?.rfc3339 ?? ""): set it "
                + "right (timedatectl), for links and tokens end by it.")
    }

    private func log(_ catalog: any Catalog) -> [Finding] {
        guard configuration.journal == .wal else { return [] }
        let size = catalog.logBytes
        return [
            Finding(
                "database log", size <= Self.mostLog, ok: "\(size) bytes", else: .warning,
                "it has grown to \(size) bytes, since nobody folds it into the database: start "
                    + "\"multires serve\", or end programs that keep the database open.")
        ]
    }

    /// The worker folds it in from 4 MB on.
    private static let mostLog: Int64 = 64_000_000
}
