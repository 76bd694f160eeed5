import Credentials
import Foundation
import Gateway
import Media
import Metrics
import Model
import Operations
import Processes
import Settings

/// What a responder process has: settings, secrets, and a way for each thread to open the catalog.
public struct Program: Sendable {
    public let name: String
    /// The variables of this process, and those that the settings file adds.
    public let environment: [String: String]
    public let configuration: Configuration
    public let secrets: Secrets
    public let tokens: Tokens
    /// Nil when their file cannot be opened: the service runs without metrics.
    public let metrics: Metrics?

    /// Whether this process answers one request and exits.
    public var isCGI: Bool { environment["GATEWAY_INTERFACE"] != nil }

    /// Serves requests until a signal stops the process. When it cannot start, it logs one sentence and exits
    /// with status 1.
    ///
    /// - Parameters:
    ///   - threads: the setting with the number of requests that are answered at once.
    ///   - responder: called once on each thread.
    public static func run(
        _ name: String, threads: KeyPath<Configuration, Int> & Sendable,
        responder: @escaping @Sendable (Program) throws -> any Responder
    ) {
        do {
            let environment = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
            // A supervised responder exits with its supervisor, even when that is killed.
            if environment["MULTIRES_SUPERVISED"] != nil { Signals.endWithParent() }
            let program = try Program(name, environment)
            try serve(
                name: name, threads: program.configuration[keyPath: threads],
                socket: socketArgument(CommandLine.arguments),
                sendTimeout: program.configuration.sendTimeout, metrics: program.metrics
            ) { try responder(program) }
        } catch {
            LogRecord.write("critical", name, "\(error)")
            exit(1)
        }
    }

    init(_ name: String, _ environment: [String: String]) throws {
        self.name = name
        self.environment = environment
        configuration = try Configuration(environment)
        LogRecord.use(configuration.log.rawValue)
        secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        do {
            metrics = try Metrics(path: configuration.folders.metrics)
        } catch {
            LogRecord.write("warning", name, "no metrics: \(error)")
            metrics = nil
        }
        tokens = Tokens(
            access: secrets.access, refresh: secrets.refresh,
            accessLifetime: configuration.accessLifetime,
            refreshLifetime: configuration.refreshLifetime)
    }

    /// For the calling thread, with a database connection of its own. When even the reserved space runs low,
    /// a checkpoint moves the write-ahead log into the database, regardless of its length, to free its
    /// bytes. Writers wait a few milliseconds for it.
    public func operations() throws -> Operations {
        let configuration = configuration
        let reservedSpace = ReservedSpace(configuration) {
            _ = try CatalogEngine.checkpointer(configuration)?.checkpoint(whenOver: 0)
        }
        return Operations(
            configuration, try CatalogEngine.open(configuration, for: .responder),
            reservedSpace: reservedSpace, environment: environment)
    }

    /// `--socket PATH`, for a responder that is started by hand.
    private static func socketArgument(_ arguments: [String]) -> String? {
        guard let flag = arguments.firstIndex(of: "--socket"), flag + 1 < arguments.count else {
            return nil
        }
        return arguments[flag + 1]
    }
}
