import Foundation
import Model
import Processes
import ResizerClient
import Resizing

/// Standard output, which is reserved for reports: from now on, what a library prints there goes to standard
/// error.
struct ReportOutput: ~Copyable {
    private let output: FileDescriptor

    init() throws {
        output = FileDescriptor(owning: dup(STDOUT_FILENO))
        guard output.number >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
            throw SystemError("dup", "standard output")
        }
    }

    func send(_ report: some Encodable) throws {
        try output.write(Array(try JSONEncoder().encode(report)) + [UInt8(ascii: "\n")])
    }
}

extension Renderer {
    /// Throws when the line is not a request. Then the worker is of another version, and the resizer exits.
    func report(on line: String) throws -> RenderResult {
        let request = try JSONDecoder().decode(RenderRequest.self, from: Data(line.utf8))
        do {
            return .rendered(try render(request))
        } catch {
            warn(error.message, about: request)
            return error.report
        }
    }
}

func warn(_ message: String, about request: RenderRequest? = nil) {
    LogRecord.write(
        "warning", "resizer", message,
        request?.requestID.map { [("requestId", .text($0))] } ?? [])
}
