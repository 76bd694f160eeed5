import Foundation

/// A client of the HTTP API in this process. It sends the headers that curl sends, and a token.
public struct Client: Sendable {
    public let base: String
    public var token: String?

    public init(base: String, token: String? = nil) {
        self.base = base
        self.token = token
    }

    public func get(_ path: String, headers: [String] = []) throws -> Answer {
        try request("GET", path, headers: headers)
    }

    public func post(_ path: String, json: String? = nil) throws -> Answer {
        try request("POST", path, body: json.map { .json($0) })
    }

    public func patch(_ path: String, json: String) throws -> Answer {
        try request("PATCH", path, body: .json(json))
    }

    public func delete(_ path: String, json: String? = nil) throws -> Answer {
        try request("DELETE", path, body: json.map { .json($0) })
    }

    /// A form with a part for each file.
    public func upload(
        _ files: String..., fields: [String: String] = [:], headers: [String] = []
    ) throws -> Answer {
        try upload(files, fields: fields, headers: headers)
    }

    public func upload(
        _ files: some Sequence<String>, fields: [String: String] = [:], headers: [String] = []
    ) throws -> Answer {
        let parts =
            files.map { Body.Part.file("image", $0) } + fields.map { .text($0.key, $0.value) }
        return try request("POST", "/api/images/upload", headers: headers, body: .form(parts))
    }

    /// - Parameters:
    ///   - path: sent unchanged. It may be a whole URL, whose host is an address of this machine.
    ///   - headers: `Name: value`. They replace the default headers of the same name.
    public func request(
        _ method: String, _ path: String, headers: [String] = [], body: Body? = nil
    ) throws -> Answer {
        let url = path.hasPrefix("http") ? path : base + path
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let target = rest.dropFirst(authority.count)
        guard url.hasPrefix("http://"), let colon = authority.lastIndex(of: ":"),
            let port = Int(authority[authority.index(after: colon)...])
        else { throw NoAnswer(description: "\(url): use http://address:port/path") }
        let host = authority[..<colon].trimmingCharacters(in: ["[", "]"])
        var added = ["User-Agent: curl/7.88.1", "Accept: */*"]
        if let token { added.append("Authorization: Bearer \(token)") }
        if let type = body?.type { added.append("Content-Type: \(type)") }
        let names = headers.map { $0.prefix { $0 != ":" }.lowercased() }
        added.removeAll { names.contains($0.prefix { $0 != ":" }.lowercased()) }
        return try RawConnection.exchange(
            .host(host, port), method, target.isEmpty ? "/" : String(target),
            added + headers, host: String(authority), body: body?.bytes)
    }
}
