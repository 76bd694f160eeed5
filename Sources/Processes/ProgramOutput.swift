import Foundation

/// How a program ended, and what it printed.
package struct ProgramOutput: Sendable {
    package let end: ChildProcess.End
    package let text: String
    package let errors: String

    package var hasSucceeded: Bool { end == .exited(0) }

    /// Runs the program to its end, with an empty standard input. Throws if it cannot be started.
    ///
    /// - Parameter environment: the whole environment; by default that of this process.
    package init(
        of program: String, _ arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        let nothing = try FileDescriptor(opening: "/dev/null", O_RDONLY)
        let output = try PipeEnds()
        let errors = try PipeEnds()
        let child = try ChildProcess(
            program, arguments, environment: environment,
            descriptors: [0: nothing.number, 1: output.writing.number, 2: errors.writing.number])
        let texts = try Self.contents(
            output: Self.reading(consume output), errors: Self.reading(consume errors))
        end = child.wait()
        text = String(decoding: texts.output, as: UTF8.self)
        self.errors = String(decoding: texts.errors, as: UTF8.self)
    }

    /// Closes this process's writing end, so that reading ends when the child exits.
    private static func reading(_ pipe: consuming PipeEnds) throws -> FileDescriptor {
        try pipe.reading.duplicate()
    }

    /// Reads each as data arrives: if only one were read, a program that fills the other would block forever.
    private static func contents(
        output: consuming FileDescriptor, errors: consuming FileDescriptor
    ) throws -> (output: [UInt8], errors: [UInt8]) {
        var contents: (output: [UInt8], errors: [UInt8]) = ([], [])
        var (outputIsOpen, errorsAreOpen) = (true, true)
        while outputIsOpen || errorsAreOpen {
            if outputIsOpen, errorsAreOpen {
                try FileDescriptor.wait(
                    for: [output.number, errors.number], atMost: .seconds(60))
            }
            if outputIsOpen, try !errorsAreOpen || output.isReadable(within: .zero) {
                let bytes = try output.read()
                contents.output += bytes
                outputIsOpen = !bytes.isEmpty
            }
            if errorsAreOpen, try !outputIsOpen || errors.isReadable(within: .zero) {
                let bytes = try errors.read()
                contents.errors += bytes
                errorsAreOpen = !bytes.isEmpty
            }
        }
        return contents
    }

    /// Standard error in one line: of log records (`LogRecord`, JSON on a pipe) only the message, other lines
    /// unchanged.
    package var messages: String {
        struct Line: Decodable { let message: String }
        return errors.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let logged = try? JSONDecoder().decode(Line.self, from: Data(line))
            return logged?.message ?? String(Substring(line))
        }.joined(separator: " ")
    }
}
