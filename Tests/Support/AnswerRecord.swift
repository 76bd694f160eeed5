import Foundation
import Processes
import Synchronization

/// Writes every response of every `Stack` to the file that `MULTIRES_ANSWERS` names, one JSON object per
/// line. Tests/APITests checks them against www/openapi.json.
enum AnswerRecord {
    /// Ports of the stacks of this process. Responses of other servers are not part of the API.
    private static let ports = Mutex<Set<Int>>([])
    private static let file = ProcessInfo.processInfo.environment["MULTIRES_ANSWERS"]

    static func include(port: Int) {
        ports.withLock { _ = $0.insert(port) }
    }

    /// - Parameter target: as in the request line.
    static func add(_ answer: Answer, to method: String, _ target: String, port: Int) throws {
        guard let file, ports.withLock({ $0.contains(port) }) else { return }
        let isText = answer.headers["content-type"].map {
            $0.hasPrefix("application/json") || $0.hasPrefix("text/plain")
        }
        let line = Line(
            method: method, target: target, status: answer.status,
            headers: answer.fields.map { [$0.name, $0.value] },
            body: isText == true ? answer.text : nil, bytes: answer.body.count)
        // In one write, because tests run in parallel.
        try FileDescriptor(opening: file, O_WRONLY | O_CREAT | O_APPEND)
            .write(Array(JSONEncoder().encode(line)) + [UInt8(ascii: "\n")])
    }

    private struct Line: Encodable {
        let method: String
        let target: String
        let status: Int
        let headers: [[String]]
        /// Only of JSON and plain text.
        let body: String?
        let bytes: Int
    }
}
