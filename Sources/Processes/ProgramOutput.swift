import Foundation

/// What a program that was run to its end has printed.
package struct ProgramOutput: Sendable {
    package let end: ChildProcess.End
    package let text: String
    package let errors: String

    package var hasSucceeded: Bool { end == .exited(0) }

    /// Runs it, with nothing to read on its standard input. Throws when it cannot be started.
    ///
    /// - Parameter environment: all of it; this process's own unless said.
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

    /// This process's writing end is closed, so that reading ends with the child.
    private static func reading(_ pipe: consuming PipeEnds) throws -> FileDescriptor {
        try pipe.reading.duplicate()
    }

    /// Each is read as it comes: a program that fills one while the other is waited for would wait for
    /// ever.
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

    /// Of the errors that are log lines (`LogLine`, JSON on a pipe) the messages; other lines as they are.
    package var messages: String {
        struct Line: Decodable { let message: String }
        return errors.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let logged = try? JSONDecoder().decode(Line.self, from: Data(line))
            return logged?.message ?? String(Substring(line))
        }.joined(separator: " ")
    }
}
