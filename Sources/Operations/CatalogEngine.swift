import Model
import SQLiteCatalog
import Settings

/// Opens catalogs. The one place that knows which engine holds one.
public enum CatalogEngine {
    /// One that `prepare` has set up. Throws `Unusable` when it is missing, damaged, of another version or
    /// in another journal mode than the setting says; nothing is written then.
    public static func open(
        _ configuration: Configuration, for role: CatalogRole
    ) throws -> any Catalog {
        try SQLiteCatalog(configuration, role: role)
    }

    /// A backup's, only to be read: of this schema or an older one. Nothing is written. Throws `Unusable`.
    public static func open(copy path: String) throws -> any Catalog {
        try SQLiteCatalog(copy: path)
    }

    /// One that a backup or a restore is about to put in its place.
    public static func open(draft path: String) throws -> any Catalog {
        try SQLiteCatalog(path: path, journal: .truncate, role: .worker)
    }

    /// Makes the catalog when there is none, brings an older one up to date, and sets its journal mode:
    /// before anything else has it open. Throws `Unusable`, with nothing changed, where it is damaged,
    /// another program's or newer.
    public static func prepare(_ configuration: Configuration) throws {
        try SQLiteCatalog.migrate(
            path: configuration.folders.catalog, journal: configuration.journal)
    }

    /// Likewise a draft.
    public static func prepare(draft path: String) throws {
        try SQLiteCatalog.migrate(path: path, journal: .truncate)
    }

    /// Nil where there is nothing to do.
    public static func checkpointer(
        _ configuration: Configuration
    ) throws -> (any Checkpointing)? {
        guard configuration.journal == .wal else { return nil }
        return try Checkpointer(path: configuration.folders.catalog)
    }
}
