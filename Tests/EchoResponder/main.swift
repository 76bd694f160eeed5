// A responder for the tests of Gateway: it answers with what it received. `echo-responder [--socket PATH]`
import API
import Foundation
import Gateway

struct EchoResponder: Responder {
    static let routes: Routes<EchoResponder> = [
        Route(.get, "/hello", hello),
        Route(.post, "/echo/:name", echo),
        Route(.post, "/parts", parts),
        Route(.post, "/refuse", refuse),
        Route(.get, "/slow", slow),
        Route(.get, "/large", large),
        Route(.get, "/wait", wait),
        Route(.get, "/fail", fail),
    ]

    func respond(to request: Request) throws -> Response {
        try Self.routes.respond(to: request, with: self)
    }

    func hello(_: Request, _: Parameters) -> Response {
        .json(200, ["hello": "world"])
    }

    func echo(_ request: Request, _ parameters: Parameters) throws -> Response {
        var digest = Digest()
        while case let bytes = try request.body.read(), !bytes.isEmpty {
            if digest.isEmpty, try request.query("begun") != nil { try begin(request) }
            digest.add(bytes)
        }
        return .json(
            200,
            Echo(
                method: request.method, path: request.path, name: parameters["name"],
                q: try request.query("q"), agent: request.header("User-Agent"),
                type: request.header("Content-Type"), token: request.bearerToken,
                address: request.remoteAddress, bytes: request.body.count, digest: digest.value))
    }

    func parts(_ request: Request, _: Parameters) throws -> Response {
        var reader = try MultipartReader(
            body: request.body, contentType: request.header("Content-Type"))
        var found: [Part] = []
        while let part = try reader.next() {
            var digest = Digest()
            var count = 0
            while let bytes = try reader.read() {
                digest.add(bytes)
                count += bytes.count
            }
            found.append(
                Part(
                    name: part.name, fileName: part.fileName, type: part.contentType, bytes: count,
                    digest: digest.value))
        }
        return .json(200, found)
    }

    /// Answers without reading the body.
    func refuse(_: Request, _: Parameters) throws -> Response {
        throw Problem.missingToken
    }

    /// Answers with `bytes` bytes, which can be more than all buffers on the way to the client hold.
    func large(_ request: Request, _: Parameters) throws -> Response {
        if try request.query("begun") != nil { try begin(request) }
        let bytes = Int(try request.query("bytes") ?? "") ?? 0
        return .json(200, ["large": String(repeating: "x", count: bytes)])
    }

    /// Creates the file `begun`, then answers after `seconds`.
    func slow(_ request: Request, _: Parameters) throws -> Response {
        try begin(request)
        Thread.sleep(forTimeInterval: Double(try request.query("seconds") ?? "") ?? 0)
        return .json(200, ["slow": "done"])
    }

    /// Answers when the process is asked to stop.
    func wait(_ request: Request, _: Parameters) throws -> Response {
        try begin(request)
        while !Stop.isRequested { Thread.sleep(forTimeInterval: 0.01) }
        return .json(200, ["wait": "over"])
    }

    func fail(_: Request, _: Parameters) throws -> Response {
        throw Mishap()
    }

    private func begin(_ request: Request) throws {
        try Data().write(to: URL(fileURLWithPath: try request.query("begun") ?? ""))
    }
}

private struct Mishap: Error, CustomStringConvertible {
    let description = "first line\n2025-01-01T00:00:00.000Z info forged: second line"
}

private struct Echo: Encodable {
    let method: String
    let path: String
    let name: String
    @Nullable var q: String?
    @Nullable var agent: String?
    @Nullable var type: String?
    @Nullable var token: String?
    let address: String
    let bytes: Int64
    let digest: String
}

private struct Part: Encodable {
    let name: String
    @Nullable var fileName: String?
    @Nullable var type: String?
    let bytes: Int
    let digest: String
}

/// FNV-1a, 64 bits: it protects no secret.
private struct Digest {
    private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
    private var state = start

    var isEmpty: Bool { state == Self.start }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    var value: String { String(state, radix: 16) }
}

let arguments = CommandLine.arguments
let socket = arguments.firstIndex(of: "--socket").map { arguments[$0 + 1] }
do {
    let seconds = ProcessInfo.processInfo.environment["ECHO_SEND_TIMEOUT"].flatMap { Int($0) }
    try serve(
        name: "echo-responder", threads: 32, socket: socket, sendTimeout: .seconds(seconds ?? 10)
    ) {
        // The path of a file: while that exists, the responder cannot start.
        if let path = ProcessInfo.processInfo.environment["ECHO_CANNOT_BEGIN"],
            FileManager.default.fileExists(atPath: path)
        {
            throw Mishap()
        }
        return EchoResponder()
    }
} catch {
    FileHandle.standardError.write(Data("echo-responder: \(error)\n".utf8))
    exit(1)
}
