import Media
import Model
import Settings

/// What the service promises, each operation once: endpoints, the worker, the command line, the doctor and
/// the sweeper call these. For one thread, as its catalog is.
///
/// An operation throws `CatalogError` and `MediaError` for what it refuses, with nothing changed, and
/// `Unfinished` when it has happened but something that belongs to it has not.
public struct Operations {
    public let configuration: Configuration
    public let catalog: any Catalog
    public let media: any MediaStore
    public let ballast: Ballast
    public let wakeUp: WorkerWakeUp

    public init(
        _ configuration: Configuration, _ catalog: any Catalog, ballast: Ballast? = nil,
        environment: [String: String]
    ) {
        self.configuration = configuration
        self.catalog = catalog
        media = MediaEngine.open(configuration.folders)
        self.ballast = ballast ?? Ballast(configuration)
        wakeUp = WorkerWakeUp(configuration, environment)
    }
}

/// The operation has happened: its row says so. What is left of it is done when it is asked for again, or
/// by the worker within minutes.
public struct Unfinished: Error, CustomStringConvertible {
    public let cause: any Error

    public var description: String { "not finished: \(cause)" }
}
