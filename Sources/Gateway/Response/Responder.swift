import API

/// A fault whose cause is logged, and whose response states more than `Problem.internal`.
public struct Fault: Error {
    let cause: any Error
    let problem: Problem

    public init(_ cause: any Error, as problem: Problem) {
        self.cause = cause
        self.problem = problem
    }
}

/// Answers requests, one after the other, on the thread that made it. So it may have a database connection of
/// its own.
public protocol Responder {
    /// A `Problem` that is thrown becomes the response. A `Fault` is logged and answered with its problem.
    /// Any other error is logged and answered 500.
    func respond(to request: Request) throws -> Response
}
