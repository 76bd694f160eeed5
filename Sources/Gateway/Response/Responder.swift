import API

/// A fault whose cause is logged, and which is answered with more than "something went wrong".
public struct Fault: Error {
    let cause: any Error
    let problem: Problem

    public init(_ cause: any Error, as problem: Problem) {
        self.cause = cause
        self.problem = problem
    }
}

/// Answers requests, one after the other, on the thread that it was made on: a database connection
/// may be its own.
public protocol Responder {
    /// A thrown `Problem` is an answer; a `Fault` is logged and answered with its problem; anything else that is thrown is logged and answered 500.
    func respond(to request: Request) throws -> Response
}
