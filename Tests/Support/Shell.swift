import Foundation
import Processes

/// Another program, run to its end.
public struct Shell {
    public struct Output: Sendable {
        public let status: Int32
        public let bytes: [UInt8]
        public let errors: String

        public var text: String { String(decoding: bytes, as: UTF8.self) }
        public var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    /// - Parameter environment: added to this process's own.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        input: [UInt8]? = nil, folder: String? = nil
    ) throws -> Output {
        let scratch = TemporaryFolder()
        try Data(input ?? []).write(to: URL(fileURLWithPath: scratch.file("in")))
        let input = try FileDescriptor(opening: scratch.file("in"), O_RDONLY)
        let output = try FileDescriptor(opening: scratch.file("out"), O_WRONLY | O_CREAT)
        let errors = try FileDescriptor(opening: scratch.file("err"), O_WRONLY | O_CREAT)
        // Not Foundation's Process: one that begins at the same moment may inherit the socket that tells
        // of this one's end, which is then noticed when the other has ended too.
        let process = try ChildProcess(
            "/usr/bin/env", (folder.map { ["-C", $0] } ?? []) + [program] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            descriptors: [0: input.number, 1: output.number, 2: errors.number])
        let end = process.wait()
        let out = try Data(contentsOf: URL(fileURLWithPath: scratch.file("out")))
        let err = try Data(contentsOf: URL(fileURLWithPath: scratch.file("err")))
        let status =
            switch end {
            case .exited(let code): code
            case .killed(let signal): -signal
            }
        return Output(
            status: status, bytes: Array(out), errors: String(decoding: err, as: UTF8.self))
    }
}

extension Shell {
    /// Throws what it said when its exit status is not 0.
    @discardableResult
    public static func check(_ program: String, _ arguments: [String]) throws -> Output {
        let output = try run(program, arguments)
        guard output.status == 0 else {
            throw NoAnswer(description: "\(program): \(output.errors)")
        }
        return output
    }

    /// A program that runs beside the test, what it says kept.
    public final class Background: Sendable {
        private let process: ChildProcess
        private let scratch = TemporaryFolder()

        public init(_ program: String, _ arguments: [String] = [], environment: [String: String])
            throws
        {
            let output = try FileDescriptor(opening: scratch.file("err"), O_WRONLY | O_CREAT)
            process = try Launcher.shared.start(
                program, arguments, environment: environment,
                descriptors: [1: output.number, 2: output.number])
        }

        public var errors: String {
            (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? ""
        }

        public func stop() {
            process.send(SIGTERM)
            wait()
        }

        public func wait() {
            process.wait()
        }

        deinit { stop() }
    }
}

/// Waits for a condition, never for a time; false when it has not come within `seconds`.
public func eventually(
    within seconds: Double = 30, every pause: Double = 0.02, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: pause)
    }
    return try condition()
}
