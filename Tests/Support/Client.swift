import Foundation

/// What came back.
public struct Answer: Sendable {
    public let status: Int
    /// Lower-case names, in the order they came.
    public let fields: [(name: String, value: String)]
    /// The last of several wins.
    public let headers: [String: String]
    public let body: [UInt8]

    /// - Parameter head: the status line and the headers.
    init(head: String, body: [UInt8]) {
        let lines = head.components(separatedBy: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        fields = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        headers = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
        self.body = body
    }

    /// Of every header of that name.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    public var text: String { String(decoding: body, as: UTF8.self) }
    public var json: JSON { (try? JSONDecoder().decode(JSON.self, from: Data(body))) ?? .null }

    public subscript(_ name: String) -> JSON { json[name] ?? .null }
    /// The contract's error code.
    public var code: String? { self["code"].string }
}

/// A client as users have it: curl, and a token.
public struct Client: Sendable {
    public let base: String
    public var token: String?

    public init(base: String, token: String? = nil) {
        self.base = base
        self.token = token
    }

    public func get(_ path: String, _ more: [String] = []) throws -> Answer {
        try request(path, more)
    }

    public func post(_ path: String, json: String) throws -> Answer {
        try request(
            path, ["-X", "POST", "-H", "Content-Type: application/json", "--data-binary", json])
    }

    public func delete(_ path: String) throws -> Answer {
        try request(path, ["-X", "DELETE"])
    }

    /// Multipart, as a form sends it.
    public func upload(
        _ files: String..., fields: [String: String] = [:], options: [String] = []
    ) throws -> Answer {
        let parts = files.flatMap { ["-F", "image=@\($0)"] }
        let texts = fields.flatMap { ["-F", "\($0.key)=\($0.value)"] }
        return try request("/api/images/upload", parts + texts + options)
    }

    /// `path` may be a whole address.
    public func request(_ path: String, _ options: [String]) throws -> Answer {
        let scratch = TemporaryFolder()
        var arguments = [
            "-sS", "-g", "--path-as-is", "--max-time", "60", "-D", scratch.file("head"),
            "-o", scratch.file("body"), "-w", "%{method} %{url_effective}",
        ]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        let address = path.hasPrefix("http") ? path : base + path
        let output = try Shell.run("curl", arguments + options + [address])
        let head =
            (try? String(contentsOfFile: scratch.file("head"), encoding: .utf8)) ?? ""
        let body = FileManager.default.contents(atPath: scratch.file("body")) ?? Data()
        guard !head.isEmpty else { throw NoAnswer(description: output.errors) }
        // The last block: a 100 Continue comes before it.
        let blocks = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        let answer = Answer(head: blocks.last ?? "", body: Array(body))
        try record(answer, of: output.text)
        return answer
    }

    /// - Parameter request: the method and the whole address, as curl says them.
    private func record(_ answer: Answer, of request: String) throws {
        guard
            let (_, method, port, target) = request.wholeMatch(
                of: /(\S+) https?:\/\/[^\/]*?:([0-9]+)(.*)/)?.output,
            let port = Int(port)
        else { return }
        try AnswerRecord.add(answer, to: String(method), String(target), port: port)
    }
}

public struct NoAnswer: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}
