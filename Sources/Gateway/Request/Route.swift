/// The methods that a route may have. HEAD is answered as GET, without the body; OPTIONS is nginx's.
public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// A line of a responder's table of contents: `Route(.get, "/api/images/:id", detail)`.
public struct Route<Responder>: Sendable {
    /// A method of the responder, not yet bound to an instance.
    public typealias Handler =
        @Sendable (Responder) -> (Request, Parameters) throws -> Response

    private enum Segment: Equatable {
        case literal(Substring)
        case parameter(String)
    }

    fileprivate let method: Method
    private let segments: [Segment]
    fileprivate let handler: Handler

    /// - Parameter pattern: a path; a segment after a colon matches any that is not empty.
    public init(_ method: Method, _ pattern: String, _ handler: @escaping Handler) {
        self.method = method
        self.handler = handler
        segments = pathSegments(pattern).map {
            $0.first == ":" ? .parameter(String($0.dropFirst())) : .literal($0)
        }
    }

    fileprivate func matches(_ path: [Substring]) -> Bool {
        path.count == segments.count
            && zip(path, segments).allSatisfy { part, segment in
                if case .literal(let text) = segment { part == text } else { !part.isEmpty }
            }
    }

    /// Where parameters stand. Routes that match the same path and are alike in this are one thing
    /// with several methods.
    fileprivate var parameterPositions: [Int] {
        segments.map { if case .parameter = $0 { 1 } else { 0 } }
    }

    fileprivate func parameters(of path: [Substring]) -> Parameters {
        Parameters(
            values: zip(segments, path).compactMap { segment, part in
                if case .parameter(let name) = segment { (name, String(part)) } else { nil }
            })
    }
}

/// What stood in the path for a route's parameters.
public struct Parameters {
    fileprivate let values: [(name: String, value: String)]

    /// - Precondition: the route has a parameter of that name.
    public subscript(name: String) -> String {
        guard let parameter = values.first(where: { $0.name == name }) else {
            preconditionFailure("the route has no parameter \(name)")
        }
        return parameter.value
    }
}

extension Array {
    /// Lets the route of this request answer it. The path alone chooses the thing, where a literal
    /// segment is closer than a parameter; the method then chooses what is done to it.
    ///
    /// Throws `Problem.notFound`, `Problem.methodNotAllowed`, and whatever the handler throws.
    public func respond<Responder>(
        to request: Request, with responder: Responder
    ) throws -> Response where Element == Route<Responder> {
        let path = pathSegments(request.path)
        let matching = filter { $0.matches(path) }
        guard
            let closest = matching.map(\.parameterPositions).min(by: {
                $0.lexicographicallyPrecedes($1)
            })
        else { throw Problem.notFound }

        let methods = matching.filter { $0.parameterPositions == closest }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let route = methods.first(where: { $0.method.rawValue == method }) else {
            throw Problem.methodNotAllowed(
                allow: methods.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] })
        }
        return try route.handler(responder)(request, route.parameters(of: path))
    }
}

/// `/a/b` is `a`, `b`; `/a/` is `a` and an empty segment, so another path.
private func pathSegments(_ path: String) -> [Substring] {
    guard path.first == "/" else { return [] }
    return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
}
