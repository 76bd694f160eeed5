import Credentials
import Foundation
import Gateway
import Media
import Metrics
import Model
import Operations
import Processes
import Settings

/// What a responder is started with: settings, secrets, and the threads' way to the catalog.
public struct Program: Sendable {
    public let name: String
    /// With what the settings' file adds.
    public let environment: [String: String]
    public let configuration: Configuration
    public let secrets: Secrets
    public let tokens: Tokens
    /// Nil where they have no place: the service does without.
    public let metrics: Metrics?

    /// Whether this process answers one request and ends.
    public var isCGI: Bool { environment["GATEWAY_INTERFACE"] != nil }

    /// Ends the process with one sentence on standard error when something is amiss.
    public static func run(
        _ name: String, threads: KeyPath<Configuration, Int> & Sendable,
        responder: @escaping @Sendable (Program) throws -> any Responder
    ) {
        do {
            let environment = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
            if environment["MULTIRES_SUPERVISED"] != nil { Signals.endWithParent() }
            let program = try Program(name, environment)
            try serve(
                name: name, threads: program.configuration[keyPath: threads],
                socket: socketArgument(CommandLine.arguments),
                sendTimeout: program.configuration.sendTimeout, metrics: program.metrics
            ) { try responder(program) }
        } catch {
            LogLine.write("critical", name, "\(error)")
            exit(1)
        }
    }

    init(_ name: String, _ environment: [String: String]) throws {
        self.name = name
        self.environment = environment
        configuration = try Configuration(environment)
        LogLine.use(configuration.log.rawValue)
        secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        do {
            metrics = try Metrics(path: configuration.folders.metrics)
        } catch {
            LogLine.write("warning", name, "no metrics: \(error)")
            metrics = nil
        }
        tokens = Tokens(
            access: secrets.access, refresh: secrets.refresh,
            accessLifetime: configuration.accessLifetime,
            refreshLifetime: configuration.refreshLifetime)
    }

    /// With a connection of the calling thread's own. Where even the ballast runs low, the database's log
    /// is folded in: nobody waits long behind that.
    public func operations() throws -> Operations {
        let configuration = configuration
        let ballast = Ballast(configuration) {
            _ = try CatalogEngine.checkpointer(configuration)?.checkpoint(whenOver: 0)
        }
        return Operations(
            configuration, try CatalogEngine.open(configuration, for: .responder),
            ballast: ballast, environment: environment)
    }

    /// `--socket PATH`, for those who start a responder by hand.
    private static func socketArgument(_ arguments: [String]) -> String? {
        guard let flag = arguments.firstIndex(of: "--socket"), flag + 1 < arguments.count else {
            return nil
        }
        return arguments[flag + 1]
    }
}
