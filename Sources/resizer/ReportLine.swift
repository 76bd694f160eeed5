import Foundation
import Model
import Processes
import ResizerClient
import Resizing

/// Standard output, which belongs to reports alone: whatever a library prints there goes to standard
/// error from now on.
struct ReportLine: ~Copyable {
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
    /// Throws what is no order: the worker speaks another language then, and shall see us end.
    func report(on line: String) throws -> RenderReport {
        let order = try JSONDecoder().decode(RenderOrder.self, from: Data(line.utf8))
        do {
            return .rendered(try render(order))
        } catch {
            complain(error.words, about: order)
            return error.report
        }
    }
}

func complain(_ words: String, about order: RenderOrder? = nil) {
    LogLine.write(
        "warning", "resizer", words,
        order?.requestID.map { [("requestId", .text($0))] } ?? [])
}
