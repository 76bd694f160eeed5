import API
import Credentials
import Gateway
import Media
import Model
import Operations
import Processes
import Settings

/// What each thread of either responder has.
public struct ResponderContext {
    public let program: Program
    public let operations: Operations
    public let uploads: UploadReservations
    public let authenticator: Authenticator

    public init(_ program: Program) throws {
        self.program = program
        operations = try program.operations()
        uploads = try UploadReservations(program.configuration)
        authenticator = Authenticator(tokens: program.tokens, accounts: operations.catalog.accounts)
    }
}

/// One instance per thread.
public protocol ServiceResponder: Responder {
    static var routes: Routes<Self> { get }
    var context: ResponderContext { get }
}

extension ServiceResponder {
    public var program: Program { context.program }
    public var operations: Operations { context.operations }
    public var uploads: UploadReservations { context.uploads }
    public var authenticator: Authenticator { context.authenticator }
    public var configuration: Configuration { program.configuration }
    public var catalog: any Catalog { operations.catalog }

    public func respond(to request: Request) throws -> Response {
        do {
            return try Self.routes.respond(to: request, with: self)
        } catch {
            throw try Problem(of: error)
        }
    }

    /// The response of a health check that fails. Logs the cause.
    ///
    /// - Parameter part: the one that fails: `database`, `disk` or `queue`.
    public func unhealthy(_ part: String, because cause: String, _ request: Request) -> Problem {
        LogRecord.write(
            "warning", program.name, "\(part) is not healthy: \(cause)",
            [("requestId", .text(request.id))])
        return .unhealthy(part)
    }

    /// Runs an operation. If it took effect but is not finished (`Unfinished`), the cause is logged and the
    /// response is `unknown_outcome`.
    ///
    /// - Parameter sentence: what is done, and what is not done yet.
    public func unfinished<Result>(
        _ sentence: String, _ operation: () throws -> Result
    ) throws -> Result {
        do { return try operation() } catch let error as Unfinished {
            throw Fault(error.cause, as: .unknownOutcome(retryAfter: 5).saying(sentence))
        }
    }
}
