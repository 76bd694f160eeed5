import Foundation
import Processes

/// The whole service as `multires serve` runs it, with its own port and folder.
public final class Stack: Sendable {
    public let data: String
    public let port: Int
    public let process: ChildProcess
    /// The environment of its programs.
    public let environment: [String: String]
    private let folder: TemporaryFolder
    private let log: String
    /// How nginx reaches the responders.
    public enum Gateway: String, Sendable, CaseIterable { case fastcgi, cgi }

    public var client: Client { Client(base: "http://127.0.0.1:\(port)") }

    /// What all programs have written to standard error and output so far.
    public var logText: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Waits until the log is `enough`, at most 120 s, and returns it: a client may have its response before
    /// the log has its line.
    public func logText(when enough: (String) throws -> Bool) rethrows -> String {
        _ = try eventually { try enough(logText) }
        return logText
    }

    /// Starts the service and waits until it prints its address.
    ///
    /// - Parameter program: the path of `multires`; the other programs are in the same folder.
    public init(
        _ gateway: Gateway = .fastcgi, in folder: TemporaryFolder = TemporaryFolder(),
        program: String = Programs.path("multires"), settings: [String: String] = [:]
    ) throws {
        self.folder = folder
        data = folder.file("data")
        log = folder.file("log")
        port = try FreePort.next()
        AnswerRecord.include(port: port)
        environment = Self.environment(gateway, data: data, port: port).merging(settings) { $1 }
        process = try Self.start(program, environment, log: log)
        let announced = eventually {
            logText.contains("Multires is at") || process.hasEnded
        }
        guard announced, logText.contains("Multires is at") else {
            process.send(SIGKILL)
            throw NotRunning(description: logText)
        }
    }

    deinit {
        stop()
    }

    /// Stops it as Ctrl-C does. Returns when all programs have exited.
    public func stop() {
        process.send(SIGTERM)
        process.wait()
    }

    public static func environment(
        _ gateway: Gateway, data: String, port: Int
    ) -> [String: String] {
        let own = ProcessInfo.processInfo.environment
        return [
            "PATH": own["PATH"] ?? "/usr/bin:/bin",
            "MULTIRES_HOME": Programs.projectFolder,
            "MULTIRES_DATA": data,
            "MULTIRES_PORT": String(port),
            "MULTIRES_URL": "http://127.0.0.1:\(port)",
            "MULTIRES_GATEWAY": gateway.rawValue,
            // CGI as it is deployed: no process stays, neither a checkpointer nor a worker.
            "MULTIRES_JOURNAL": gateway == .cgi ? "truncate" : "wal",
            "MULTIRES_WORKER": gateway == .cgi ? "drain" : "daemon",
            // Tests of rate limits or of hashing set their own values.
            "MULTIRES_RATE_LIMITS": "off",
            "MULTIRES_SCRYPT": "ln=10,r=8,p=1",
            "MULTIRES_HASH_SLOTS": "8",
            // The other tests use all processors, which would starve a resizer of low priority.
            "MULTIRES_RESIZER_PRIORITY": "normal",
        ]
    }

    /// The kernel stops the service when the test process exits for any reason.
    private static func start(
        _ program: String, _ environment: [String: String], log: String
    ) throws -> ChildProcess {
        let output = try FileDescriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC)
        return try Launcher.shared.start(
            "setpriv", ["--pdeathsig", "TERM", program, "serve"],
            environment: environment, descriptors: [1: output.number, 2: output.number])
    }

    /// A client that is signed in to a new account.
    public func account() throws -> Client {
        let email = "\(UUID().uuidString.lowercased())@example.org"
        let answer = try client.post(
            "/api/auth/register",
            json: #"{"email": "\#(email)", "password": "correct horse battery"}"#)
        guard let token = answer["accessToken"].string else {
            throw NotRunning(description: "register: \(answer.status) \(answer.text)\n\(logText)")
        }
        return Client(base: client.base, token: token)
    }

    /// Process ids of this stack's programs of that name.
    public func pids(_ program: String) -> [pid_t] {
        let name = String(program.prefix(15)) + "\n"
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            // The name first, because it rules out most processes.
            guard Self.text("/proc/\(pid)/comm") == name,
                // A process that has exited and waits for its parent does not count.
                let stat = Self.text("/proc/\(pid)/stat"),
                !stat.contains(") Z "), !stat.contains(") X "),
                let environment = Self.text("/proc/\(pid)/environ")
            else { return false }
            return environment.contains(data) || Self.parents(of: pid).contains(process.pid)
        }
    }

    /// The text of a file in /proc; nil when the process has exited or belongs to another user.
    private static func text(_ path: String) -> String? {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY),
            let bytes = try? file.read()
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func parents(of pid: pid_t) -> [pid_t] {
        var found: [pid_t] = []
        var current = pid
        while current > 1,
            let stat = text("/proc/\(current)/stat"),
            let rest = stat.split(separator: ")").last,
            let parent = rest.split(separator: " ").dropFirst().first.flatMap({ pid_t($0) })
        {
            found.append(parent)
            current = parent
        }
        return found
    }
}

public struct NotRunning: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Starts programs from a thread that never exits: the kernel sends the signal of `setpriv --pdeathsig` when
/// the thread that started the child exits (prctl(2)), and the threads of tests are short-lived.
final class Launcher: Sendable {
    static let shared = Launcher()

    private let queue: OperationQueueThread

    private init() {
        queue = OperationQueueThread()
    }

    func start(
        _ program: String, _ arguments: [String], environment: [String: String],
        descriptors: [Int32: Int32]
    ) throws -> ChildProcess {
        try queue.perform {
            try ChildProcess(
                program, arguments, environment: environment, descriptors: descriptors)
        }
    }
}

/// A thread that runs the closures it is given, one after another, and never exits.
final class OperationQueueThread: @unchecked Sendable {  // because `condition` guards `work`
    private let condition = NSCondition()
    private var work: [() -> Void] = []

    init() {
        Thread { self.loop() }.start()
    }

    func perform<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let box = ResultBox<Value>()
        condition.lock()
        work.append {
            box.result = Result { try body() }
            done.signal()
        }
        condition.signal()
        condition.unlock()
        done.wait()
        return try box.result!.get()  // because the semaphore is signalled after it is set
    }

    private func loop() {
        while true {
            condition.lock()
            while work.isEmpty { condition.wait() }
            let next = work.removeFirst()
            condition.unlock()
            next()
        }
    }

    // because the semaphore orders the one write before the one read
    private final class ResultBox<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
