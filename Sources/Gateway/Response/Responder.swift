/// Answers requests, one after the other, on the thread that it was made on: a database connection
/// may be its own.
public protocol Responder {
    /// A thrown `Problem` is an answer; anything else that is thrown is logged and answered 500.
    func respond(to request: Request) throws -> Response
}
