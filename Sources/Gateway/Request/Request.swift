import API
import Foundation
import Text

/// One request, for the thread that answers it. Only its strings may be used after the response.
public final class Request {
    public let method: String

    /// Percent-decoded, without the query. When it is not UTF-8 or has a NUL it is empty, which no route
    /// matches.
    public let path: String

    /// The id in the access log, the responder's log lines and the response.
    public let id: String

    public let body: RequestBody

    /// The pattern of the route that answers it; nil until it is found, and when there is none.
    public internal(set) var route: String?

    private let exchange: any Exchange
    private lazy var arguments = queryArguments(exchange.variable("QUERY_STRING") ?? "")

    init(_ exchange: any Exchange) {
        self.exchange = exchange
        method = exchange.variable("REQUEST_METHOD") ?? ""
        path = Self.path(exchange) ?? ""
        id = RequestID.of(exchange)
        body = RequestBody(exchange)
    }

    /// A request without a web server, for tests of responders.
    ///
    /// - Parameters:
    ///   - target: path and query as in a request line, percent-encoded.
    ///   - address: the client's address.
    public convenience init(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = [],
        metaVariables: [String: String] = [:], from address: String = "127.0.0.1"
    ) {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        let query = String(Substring(target.utf8.dropFirst(path.count + 1)))
        var variables = [
            "REQUEST_METHOD": method, "REQUEST_URI": target, "QUERY_STRING": query,
        ]
        variables["REMOTE_ADDR"] = address
        variables["CONTENT_LENGTH"] = body.isEmpty ? "" : String(body.count)
        for (name, value) in metaVariables { variables[name] = value }
        for (name, value) in headers { variables[Self.variable(ofHeader: name)] = value }
        self.init(MemoryExchange(variables: variables, body: body))
    }

    /// The client's address as the web server saw it, without a port; empty on UNIX sockets.
    public var remoteAddress: String { exchange.variable("REMOTE_ADDR") ?? "" }

    /// The credentials of `Authorization: Bearer …` (RFC 6750, section 2.1); nil for another scheme.
    public var bearerToken: String? {
        // Apache passes this header to CGI programs only through a rewrite rule, which adds the prefix.
        let value =
            exchange.variable("HTTP_AUTHORIZATION")
            ?? exchange.variable("REDIRECT_HTTP_AUTHORIZATION")
        // RFC 9110, section 11.1: the scheme is case-insensitive.
        let scheme = "bearer ".utf8
        guard let value = value?.utf8, value.count > scheme.count,
            zip(value, scheme).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $1 != 0x20 })
        else { return nil }
        // Section 5.6.3: spaces and tabs around the token are not part of it.
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var token = value.dropFirst(scheme.count).drop(while: isBlank)
        while let last = token.last, isBlank(last) { token.removeLast() }
        return token.isEmpty ? nil : String(Substring(token))
    }

    /// A variable that the web server itself sets, by its name in RFC 3875 or in the server's configuration;
    /// nil when it is missing or empty. Names with HTTP_ are a client's headers: never read one here.
    public func metaVariable(_ name: String) -> String? { exchange.variable(name) }

    /// A header of the client's; nil when it is missing or empty. Bytes that are not UTF-8 are replaced.
    public func header(_ name: String) -> String? {
        exchange.variable(Self.variable(ofHeader: name))
    }

    /// The type in Content-Type, without parameters and in lower case (RFC 9110, section 8.3.1); empty when
    /// the header is missing.
    public var mediaType: String {
        let value = header("Content-Type") ?? ""
        return trimmed(value.utf8.prefix { $0 != UInt8(ascii: ";") }).asciiLowercased
    }

    /// The first query parameter of this name, with `+` and percent-encoding decoded; nil when there is none.
    /// Throws `Problem.invalidRequest` when it is not UTF-8 or has a NUL. If it were ignored, the client
    /// would get the response to a request without it.
    public func query(_ name: String) throws -> String? {
        guard let argument = arguments.first(where: { $0.name == name }) else { return nil }
        guard let value = argument.value else {
            throw Problem.invalidRequest(
                "The query parameter '\(name)' must be percent-encoded UTF-8 without NUL.")
        }
        return value
    }

    /// RFC 3875, section 4.1.18. The two headers of sections 4.1.2 and 4.1.3 have names without a prefix.
    private static func variable(ofHeader name: String) -> String {
        let upper = name.uppercased().escaped { $0 == "-" ? "_" : nil }
        return upper == "CONTENT_TYPE" || upper == "CONTENT_LENGTH" ? upper : "HTTP_" + upper
    }

    private static func path(_ exchange: any Exchange) -> String? {
        // nginx's $document_uri: decoded, with dots resolved and double slashes merged.
        if let path = exchange.variable("DOCUMENT_URI") {
            return path.unicodeScalars.contains("\u{FFFD}") ? nil : path
        }
        if let target = exchange.variable("REQUEST_URI") {
            return percentDecoded(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        }
        return (exchange.variable("SCRIPT_NAME") ?? "") + (exchange.variable("PATH_INFO") ?? "")
    }
}
