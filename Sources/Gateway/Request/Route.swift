import API
import Text

/// The methods that a route may have. HEAD is answered as GET without the body; nginx answers OPTIONS.
public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// An entry of a responder's list of routes: `Route(.get, "/api/images/:id", detail)`.
public struct Route<Responder>: Sendable {
    /// A method of the responder, not yet bound to an instance.
    public typealias Handler =
        @Sendable (Responder) -> (Request, Parameters) throws -> Response

    fileprivate let method: Method
    fileprivate let name: String
    fileprivate let pattern: Pattern
    fileprivate let handler: Handler

    /// - Parameter pattern: a path; a segment that begins with a colon matches any that is not empty.
    public init(_ method: Method, _ pattern: String, _ handler: @escaping Handler) {
        self.method = method
        name = pattern
        self.pattern = Pattern(pattern)
        self.handler = handler
    }
}

/// The segments of the path that match a route's parameters.
public struct Parameters {
    fileprivate let values: [(name: String, value: String)]

    /// - Precondition: the route has a parameter of this name.
    public subscript(name: String) -> String {
        guard let parameter = values.first(where: { $0.name == name }) else {
            preconditionFailure("the route has no parameter \(name)")
        }
        return parameter.value
    }
}

/// All routes of a responder.
public struct Routes<Responder>: Sendable, ExpressibleByArrayLiteral {
    private let table: Table
    private let names: [String]
    private let handlers: [Route<Responder>.Handler]

    public init(arrayLiteral routes: Route<Responder>...) {
        table = Table(lines: routes.map { ($0.method, $0.pattern) })
        names = routes.map(\.name)
        handlers = routes.map(\.handler)
    }

    /// Answers the request by its route. The path selects the pattern first, and a literal segment is
    /// preferred to a parameter. Then the method selects the handler, so a known path with another method is
    /// 405 and not 404.
    ///
    /// Throws `Problem.notFound`, `Problem.methodNotAllowed`, and the errors of the handler.
    public func respond(to request: Request, with responder: Responder) throws -> Response {
        let (index, parameters) = try table.find(request.method, request.path)
        request.route = names[index]
        return try handlers[index](responder)(request, parameters)
    }
}

/// The routes without their handlers. Not generic over responders: generic code ran twenty times slower.
private struct Table {
    let lines: [(method: Method, pattern: Pattern)]

    func find(_ method: String, _ path: String) throws -> (index: Int, parameters: Parameters) {
        let path = pathSegments(path)
        var closest: Pattern?
        for (_, pattern) in lines where pattern.matches(path) {
            if closest.map({ pattern.isCloser(than: $0) }) ?? true { closest = pattern }
        }
        guard let closest else { throw Problem.notFound }

        let wanted = method == "HEAD" ? "GET" : method
        var allowed: [String] = []
        for (index, line) in lines.enumerated() where line.pattern.isLike(closest) {
            if line.method.rawValue == wanted { return (index, line.pattern.parameters(of: path)) }
            allowed += line.method == .get ? ["GET", "HEAD"] : [line.method.rawValue]
        }
        throw Problem.methodNotAllowed(allow: allowed)
    }
}

private struct Pattern {
    private enum Segment {
        case literal(String)
        case parameter(String)

        /// Nil for a parameter.
        var literal: String? { if case .literal(let text) = self { text } else { nil } }
    }

    private let segments: [Segment]

    init(_ text: String) {
        segments = pathSegments(text).map {
            $0.utf8.first == UInt8(ascii: ":") ? .parameter(String($0.dropFirst())) : .literal($0)
        }
    }

    func matches(_ path: [String]) -> Bool {
        guard path.count == segments.count else { return false }
        for index in segments.indices {
            guard
                segments[index].literal.map({ $0.isSame(as: path[index]) }) ?? !path[index].isEmpty
            else {
                return false
            }
        }
        return true
    }

    /// For two patterns that match the same path: whether this one is the first to have a literal where the
    /// other has a parameter.
    func isCloser(than other: Pattern) -> Bool {
        for index in segments.indices {
            let mine = segments[index].literal
            let theirs = other.segments[index].literal
            if (mine == nil) != (theirs == nil) { return theirs == nil }
        }
        return false
    }

    /// Whether both match the same paths; the names of their parameters may differ.
    func isLike(_ other: Pattern) -> Bool {
        segments.count == other.segments.count
            && segments.indices.allSatisfy { segments[$0].literal == other.segments[$0].literal }
    }

    func parameters(of path: [String]) -> Parameters {
        var values: [(name: String, value: String)] = []
        for index in segments.indices {
            if case .parameter(let name) = segments[index] { values.append((name, path[index])) }
        }
        return Parameters(values: values)
    }
}

/// `/a/b` has the segments `a` and `b`; `/a/` has `a` and an empty one, so it is another path than `/a`.
private func pathSegments(_ path: String) -> [String] {
    guard path.utf8.first == UInt8(ascii: "/") else { return [] }
    return path.utf8.dropFirst()
        .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
}
