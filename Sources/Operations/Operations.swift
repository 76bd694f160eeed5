import Media
import Model
import Settings

/// The operations of the service, each in one place: endpoints, the worker, the command line, the doctor and
/// the sweeper call these. For one thread, like its catalog.
///
/// An operation throws `CatalogError` or `MediaError` when it refuses, with nothing changed (except after
/// `CatalogError.unknownOutcome`), and `Unfinished` when the catalog has changed but a later step failed.
public struct Operations {
    public let configuration: Configuration
    public let catalog: any Catalog
    public let media: any MediaStore
    public let reservedSpace: ReservedSpace
    public let wakeWorker: WakeWorker

    public init(
        _ configuration: Configuration, _ catalog: any Catalog, reservedSpace: ReservedSpace? = nil,
        environment: [String: String]
    ) {
        self.configuration = configuration
        self.catalog = catalog
        media = MediaEngine.open(configuration.folders)
        self.reservedSpace = reservedSpace ?? ReservedSpace(configuration)
        wakeWorker = WakeWorker(configuration, environment)
    }
}

/// The operation has taken effect in the catalog, but a later step failed. A repeated request completes it,
/// or the worker does so within minutes.
public struct Unfinished: Error, CustomStringConvertible {
    public let cause: any Error

    public var description: String { "not finished: \(cause)" }
}
