import Model
import SQLiteCatalog
import Settings

/// Opens catalogs. The only place that knows which engine stores them.
public enum CatalogEngine {
    /// Opens a catalog that `prepare` has set up. Throws `ConfigurationError`, and writes nothing, when it is
    /// missing, damaged, of another schema version, or in another journal mode than the setting.
    public static func open(
        _ configuration: Configuration, for role: CatalogRole
    ) throws -> any Catalog {
        try SQLiteCatalog(configuration, role: role)
    }

    /// Opens a backup's catalog, of this schema version or an older one, for reading only. Writes nothing.
    /// Throws `ConfigurationError`.
    public static func open(copy path: String) throws -> any Catalog {
        try SQLiteCatalog(copy: path)
    }

    /// Opens a catalog that a backup or a restore prepares, before it is moved to its place.
    public static func open(draft path: String) throws -> any Catalog {
        try SQLiteCatalog(path: path, journal: .truncate, role: .worker)
    }

    /// Creates the catalog if there is none, updates an older one to this schema version, and sets its
    /// journal mode. Call it before anything else has the catalog open. Throws `ConfigurationError`, and
    /// changes nothing, when it is damaged, newer, or another program's database.
    public static func prepare(_ configuration: Configuration) throws {
        try SQLiteCatalog.migrate(
            path: configuration.folders.catalog, journal: configuration.journal)
    }

    /// The same for a catalog that `open(draft:)` opens.
    public static func prepare(draft path: String) throws {
        try SQLiteCatalog.migrate(path: path, journal: .truncate)
    }

    /// Nil when the catalog has no write-ahead log.
    public static func checkpointer(
        _ configuration: Configuration
    ) throws -> (any Checkpointing)? {
        guard configuration.journal == .wal else { return nil }
        return try Checkpointer(path: configuration.folders.catalog)
    }
}
