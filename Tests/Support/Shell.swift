import Foundation
import Processes

/// Runs another program and waits until it exits.
public struct Shell {
    public struct Output: Sendable {
        public let status: Int32
        public let bytes: [UInt8]
        public let errors: String

        public var text: String { String(decoding: bytes, as: UTF8.self) }
        public var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    /// - Parameter environment: added to the environment of this process.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        input: [UInt8]? = nil, folder: String? = nil
    ) throws -> Output {
        // Files and not pipes, so that the program never waits until its output is read.
        let stdin =
            input == nil
            ? try FileDescriptor(opening: "/dev/null", O_RDONLY) : try unnamed(with: input ?? [])
        let stdout = try unnamed()
        let stderr = try unnamed()
        // While a renderer starts in another thread of this process, VIPSHOME is this for a moment
        // (Resizing/VipsModules.swift), and a program with it would not load libvips' modules.
        let own = ProcessInfo.processInfo.environment.filter {
            $0.key != "VIPSHOME" || $0.value != "/nonexistent"
        }
        let environment = own.merging(environment) { $1 }
        let command = (folder.map { ["env", "-C", $0] } ?? []) + [program] + arguments
        // Not Foundation's Process: a process that starts at the same moment may inherit the socket that
        // reports this one's exit, which is then noticed only when the other has exited too.
        let process = try ChildProcess(
            path(of: command[0], in: environment["PATH"] ?? ""), Array(command.dropFirst()),
            environment: environment,
            descriptors: [0: stdin.number, 1: stdout.number, 2: stderr.number])
        let end = process.wait()
        let status =
            switch end {
            case .exited(let code): code
            case .killed(let signal): -signal
            }
        return Output(
            status: status, bytes: try written(to: stdout),
            errors: String(decoding: try written(to: stderr), as: UTF8.self))
    }

    /// Searches PATH as execvp(3) does.
    private static func path(of program: String, in folders: String) -> String {
        if program.contains("/") { return program }
        let paths = folders.split(separator: ":").map { "\($0)/\(program)" }
        return paths.first { access($0, X_OK) == 0 } ?? program
    }

    /// A file that is unlinked already.
    private static func unnamed(with bytes: [UInt8] = []) throws -> FileDescriptor {
        let path = "\(TemporaryFolder.base)/multires-\(UUID().uuidString)"
        let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_EXCL)
        unlink(path)
        try file.write(bytes)
        lseek(file.number, 0, SEEK_SET)
        return file
    }

    private static func written(to file: borrowing FileDescriptor) throws -> [UInt8] {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError("fstat", "shell") }
        return status.st_size == 0 ? [] : try file.read(upTo: Int(status.st_size), at: 0)
    }
}

extension Shell {
    /// Throws its standard error when its exit status is not 0.
    @discardableResult
    public static func check(_ program: String, _ arguments: [String]) throws -> Output {
        let output = try run(program, arguments)
        guard output.status == 0 else {
            throw NoAnswer(description: "\(program): \(output.errors)")
        }
        return output
    }

    /// A program that runs beside the test and whose output is kept.
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

/// Waits for a condition, never for a fixed time; false when it has not become true within `seconds`.
public func eventually(
    within seconds: Double = 120, every pause: Double = 0.02, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: pause)
    }
    return try condition()
}
