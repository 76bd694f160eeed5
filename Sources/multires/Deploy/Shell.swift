import Foundation
import Processes

/// A program and what it prints.
enum Shell {
    struct Said {
        var status: Int32 = -1
        var output = ""
        var errors = ""

        /// Of the errors that are log lines (`LogLine`, JSON on a pipe) the messages; other lines as
        /// they are.
        var messages: String {
            struct Line: Decodable { let message: String }
            return errors.utf8.split(separator: UInt8(ascii: "\n")).map { line in
                let logged = try? JSONDecoder().decode(Line.self, from: Data(line))
                return logged?.message ?? String(Substring(line))
            }.joined(separator: " ")
        }
    }

    static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil
    ) -> Said {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let environment { process.environment = environment }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { return Said(errors: "\(error)") }
        let said = contents([output, errors].map(\.fileHandleForReading.fileDescriptor))
        process.waitUntilExit()
        return Said(
            status: process.terminationStatus, output: String(decoding: said[0], as: UTF8.self),
            errors: String(decoding: said[1], as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// All that comes from pipes, read as it comes: a program that fills one while the other is waited
    /// for would wait for ever.
    private static func contents(_ pipes: [Int32]) -> [[UInt8]] {
        var contents = [[UInt8]](repeating: [], count: pipes.count)
        var entries = pipes.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // poll(2) passes over negative ones.
        while entries.contains(where: { $0.fd >= 0 }) {
            guard poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else { break }
            for index in entries.indices where entries[index].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 65536)
                let count = read(pipes[index], &bytes, bytes.count)
                if count > 0 {
                    contents[index] += bytes.prefix(count)
                } else if count == 0 || errno != EINTR {
                    entries[index].fd = -1
                }
                entries[index].revents = 0
            }
        }
        return contents
    }
}
