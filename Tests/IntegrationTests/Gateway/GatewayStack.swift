import Credentials
import Cryptography
import Foundation
import Model
import Support
import Synchronization
import Testing

/// The stack that the gateway's tests share, with two allowed origins, two keys for links, and limits that a
/// test can exceed.
enum GatewayStack {
    static let origin = "https://www.example.org"
    static let secrets = [
        "new": "a-link-secret-of-the-tests-that-signs-now_1",
        "old": "a-link-secret-of-the-tests-that-still-fits_2",
    ]
    static let requestLimit = 4_000_000

    static func stack() throws -> Stack {
        try Stacks.shared(.fastcgi, "gateway", settings)
    }

    static let settings = [
        "MULTIRES_CORS_ORIGINS": "\(origin), http://localhost:3000",
        "MULTIRES_LINK_SECRET": "new:\(secrets["new"] ?? ""),old:\(secrets["old"] ?? "")",
        "MULTIRES_IMAGE_LIMIT": "2MB",
        "MULTIRES_REQUEST_LIMIT": "4MB",
        // The owners of the shared images must stay signed in until the last test.
        "JWT_ACCESS_EXPIRE": "6h",
    ]
    /// With two threads per responder, nginx keeps no connections. Kept ones would still work after the
    /// sockets are removed.
    static let keepingNone = settings.merging(
        ["MULTIRES_AUTH_THREADS": "2", "MULTIRES_IMAGE_THREADS": "2"]) { $1 }

    /// A complete JPEG image with the paths of its files.
    struct Picture: Sendable {
        let id: String
        let owner: Client
        /// Without the query that signs it.
        let variant: String
        let original: String

        fileprivate init(_ visibility: String, owner: Client) throws {
            let folder = TemporaryFolder()
            let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
            let detail = try owner.completed(photo, fields: ["visibility": visibility])
            let sizes = try #require(detail.json["sizes"])
            func path(_ size: String) throws -> String {
                let url = try #require(sizes[size]?["url"]?.string)
                return try #require(URL(string: url)).path
            }
            id = try #require(detail["id"].string)
            self.owner = owner
            variant = try path("thumbnail")
            original = try path("original")
            guard visibility == "public" else { return }
            // The public link is made after the row is stored.
            let (anyone, address) = (Client(base: owner.base), variant)
            #expect(try eventually { try anyone.get(address).status == 200 })
        }
    }

    /// Two images of the shared stack, which no test changes.
    static func pictures() throws -> (public: Picture, private: Picture) {
        try shared.withLock { pictures in
            if let pictures { return pictures }
            let made = (
                public: try Picture("public", owner: stack().account()),
                private: try Picture("private", owner: stack().account())
            )
            pictures = made
            return made
        }
    }

    static func picture(_ visibility: String, on stack: Stack) throws -> Picture {
        try Picture(visibility, owner: stack.account())
    }

    private static let shared = Mutex<(public: Picture, private: Picture)?>(nil)
}

/// A signed URL, made from the description in nginx's files.
struct Link {
    var path: String
    var expires = String(Int(Date().timeIntervalSince1970) + 600)
    var key = "new"
    var secret = GatewayStack.secrets["new"] ?? ""
    /// Percent-encoded, as in the query.
    var name = ""

    var address: String {
        let digest = md5("\(expires)\(path)?name=\(name) \(secret)")
        return "\(path)?expires=\(expires)&key=\(key)&signature=\(Base64URL.encode(digest))"
            + (name.isEmpty ? "" : "&name=\(name)")
    }
}

extension Stack {
    /// Sends a request unchanged, except for an allowed `Origin` unless the headers have one.
    func ask(
        _ method: String, _ target: String, _ headers: [String] = [], body: String? = nil
    ) throws -> Answer {
        let origin =
            headers.contains { $0.hasPrefix("Origin:") } ? [] : ["Origin: \(GatewayStack.origin)"]
        return try RawConnection.exchange(port, method, target, origin + headers, body: body)
    }
}

/// The kinds of responses. Each kind has its own headers, each exactly once.
enum Form: Sendable, Equatable {
    case json
    case problem(String)
    /// With this `Cache-Control`.
    case picture(String)
    case page
    case empty
}

extension Answer {
    func expect(
        _ status: Int, _ form: Form, cors: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        func check(_ isRight: Bool, _ what: String) {
            #expect(
                isRight, "\(what): \(self.status) \(fields) \(text.prefix(300))",
                sourceLocation: sourceLocation)
        }
        check(self.status == status, "status \(status)")
        let id = values("x-request-id").first ?? ""
        // For images, the request id is nginx's own count. Here only images are answered with 304.
        let isPicture = if case .picture = form { true } else { status == 304 }
        let known = isPicture ? /0{12}-[0-9]+-[0-9]+-[0-9]+/ : /[0-9a-f]{32}/
        check(values("x-request-id").count == 1 && id.wholeMatch(of: known) != nil, "id")
        check(values("x-content-type-options") == ["nosniff"], "nosniff")
        check(values("referrer-policy") == ["no-referrer"], "referrer policy")
        check(values("vary").contains { $0.contains("Origin") }, "Vary")
        check(values("server") == ["nginx"], "server")
        let allowed = values("access-control-allow-origin")
        check(allowed == (cors ? [GatewayStack.origin] : []), "CORS")
        check(
            values("access-control-expose-headers")
                == (cors ? ["ETag, Location, Retry-After, X-Request-Id"] : []), "exposed headers")

        let policy = values("content-security-policy")
        let resource = values("cross-origin-resource-policy")
        switch form {
        case .empty:
            check(body.isEmpty, "no body")
        case .json, .problem:
            check(values("content-type") == ["application/json"], "JSON")
            check(values("cache-control") == ["no-store"], "no-store")
            check(policy == ["default-src 'none'; frame-ancestors 'none'"], "CSP")
            check(resource == ["same-origin"], "CORP")
        case .picture(let cache):
            check(values("content-type") == ["image/jpeg"], "picture")
            check(values("cache-control") == [cache], "Cache-Control \(cache)")
            check(policy == ["default-src 'none'; sandbox"], "CSP")
            check(resource == ["cross-origin"], "CORP")
        case .page:
            check(values("content-type") == ["text/html; charset=utf-8"], "page")
            check(values("cache-control") == ["no-cache"], "no-cache")
            check(policy.count == 1 && policy[0].contains("script-src 'self';"), "CSP")
            check(!(policy.first ?? "").contains("unsafe"), "CSP")
        }
        if case .problem(let code) = form {
            check(self.code == code, "code \(code)")
            check(self["error"].string?.hasSuffix(".") == true, "a full stop")
            check(self["requestId"].string == id, "the same id")
            check(values("retry-after") == (retryAfter.map { ["\($0)"] } ?? []), "Retry-After")
        }
    }

    private var retryAfter: Int? { self["retryAfter"].int }
}

private func md5(_ text: String) -> [UInt8] {
    var md5 = MD5()
    return Array(text.utf8).withUnsafeBytes { md5.digest(of: $0) }
}
