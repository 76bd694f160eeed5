import Foundation
import Processes
import Support
import Synchronization

/// A real nginx in front of `echo-responder`, which runs as a FastCGI program, or as a CGI program under
/// fcgiwrap.
final class EchoStack: Sendable {
    enum Transport: CaseIterable { case fastCGI, cgi }

    /// How nginx passes requests to the responder. Each case is a server of nginx with its own socket.
    enum NginxMode: String {
        /// nginx reads the whole body first, and opens a connection for each request.
        case plain
        /// Connections are kept open (`fastcgi_keep_conn`).
        case kept
        /// nginx passes the body on as it arrives (`fastcgi_request_buffering off`).
        case streaming
        /// A response that does not fit into nginx's buffers waits for the client
        /// (`fastcgi_max_temp_file_size 0`).
        case waiting
    }

    let folder = TemporaryFolder()
    /// The TCP port of `waiting`, which also has a Unix socket.
    private let port: Int
    /// The process that answers: `echo-responder` itself, or fcgiwrap.
    private let backend: ChildProcess
    private let end = Mutex<ChildProcess.End?>(nil)
    private let nginx: ChildProcess

    var pid: pid_t { backend.pid }
    var hasEnded: Bool {
        end.withLock { end in
            if end == nil { end = backend.poll() }
            return end != nil
        }
    }
    var socket: String { folder.file("echo.sock") }
    var log: String { (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "" }

    /// - Parameter wrapper: a command that starts the responder, such as `prlimit`.
    init(_ transport: Transport = .fastCGI, wrapper: [String] = []) throws {
        port = try FreePort.next()
        let echo = Programs.path("echo-responder")
        let command =
            transport == .fastCGI
            ? wrapper + [echo, "--socket", folder.file("echo.sock")]
            : ["fcgiwrap", "-c", "4", "-s", "unix:" + folder.file("echo.sock")]
        try Data().write(to: URL(fileURLWithPath: folder.file("log")))
        backend = try Self.start(command, log: folder.file("log"))
        try Self.configuration(folder.path, port: port, program: echo)
            .write(toFile: folder.file("nginx.conf"), atomically: true, encoding: .utf8)
        nginx = try Self.start(
            ["nginx", "-c", folder.file("nginx.conf"), "-e", folder.file("nginx.log")],
            log: folder.file("nginx.log"))
        guard eventually({ (try? get("/hello").status) == 200 }) else {
            throw NotAnswering(log: log)
        }
    }

    deinit {
        nginx.send(SIGTERM)
        nginx.wait()
        if !hasEnded { stop() }
    }

    /// Sends SIGTERM to the process that answers and waits until it has exited.
    @discardableResult
    func stop() -> (end: ChildProcess.End, time: Duration) {
        let start = ContinuousClock.now
        // To its process group: fcgiwrap does not stop its workers.
        kill(-backend.pid, SIGTERM)
        let how = backend.wait()
        end.withLock { $0 = how }
        return (how, ContinuousClock.now - start)
    }

    func get(_ path: String, by mode: NginxMode = .plain, headers: [String] = []) throws -> Answer {
        try request("GET", path, by: mode, headers)
    }

    func post(_ path: String, by mode: NginxMode = .plain, file: String) throws -> Answer {
        try request("POST", path, by: mode, body: Photos.bytes(of: file))
    }

    func request(
        _ method: String, _ path: String, by mode: NginxMode = .plain, _ headers: [String] = [],
        body: [UInt8]? = nil
    ) throws -> Answer {
        try RawConnection.exchange(
            .socket(folder.file("\(mode.rawValue).sock")), method, path, headers, body: body)
    }

    /// Connects to `waiting` over TCP. nginx 1.22 sometimes stops sending before the end of a response to a
    /// slow client on a Unix socket: 7 of 250 responses while other programs used the processors.
    func curl(_ path: String, by mode: NginxMode = .plain, _ options: [String]) throws -> Answer {
        guard mode != .waiting else {
            return try Client(base: "http://127.0.0.1:\(port)").curl(path, options)
        }
        return try Client(base: "http://localhost")
            .curl(path, ["--unix-socket", folder.file("\(mode.rawValue).sock")] + options)
    }

    /// Writes a file of `count` bytes, which differ with `seed`. Returns its path.
    func file(_ name: String, bytes count: Int, seed: UInt8 = 0) throws -> String {
        let block = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) ^ seed }
        var bytes = Data()
        while bytes.count < count { bytes.append(contentsOf: block) }
        try bytes.prefix(count).write(to: URL(fileURLWithPath: folder.file(name)))
        return folder.file(name)
    }

    private static func start(_ command: [String], log: String) throws -> ChildProcess {
        let output = try FileDescriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND)
        let nothing = try FileDescriptor(opening: "/dev/null", O_RDWR)
        return try ChildProcess(
            command[0], Array(command.dropFirst()),
            environment: ProcessInfo.processInfo.environment.merging(["MULTIRES_LOG": "text"]) {
                $1
            },
            descriptors: [0: nothing.number, 1: output.number, 2: output.number])
    }

    private static func configuration(_ folder: String, port: Int, program: String) -> String {
        """
        daemon off;
        worker_processes 1;
        pid \(folder)/nginx.pid;
        \(geteuid() == 0 ? "user root;" : "")
        events { worker_connections 512; }
        http {
            access_log off;
            client_max_body_size 100m;
            client_body_temp_path \(folder)/temporary-body;
            fastcgi_temp_path \(folder)/temporary-fastcgi;
            proxy_temp_path \(folder)/temporary-proxy;
            uwsgi_temp_path \(folder)/temporary-uwsgi;
            scgi_temp_path \(folder)/temporary-scgi;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param DOCUMENT_URI $document_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param REQUEST_ID $request_id;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SCRIPT_FILENAME \(program);
            upstream kept { server unix:\(folder)/echo.sock; keepalive 2; }
            server {
                listen unix:\(folder)/plain.sock;
                location / { fastcgi_pass unix:\(folder)/echo.sock; }
            }
            server {
                listen unix:\(folder)/kept.sock;
                location / { fastcgi_pass kept; fastcgi_keep_conn on; }
            }
            server {
                listen unix:\(folder)/streaming.sock;
                location / { fastcgi_pass unix:\(folder)/echo.sock; fastcgi_request_buffering off; }
            }
            server {
                listen unix:\(folder)/waiting.sock;
                listen 127.0.0.1:\(port) sndbuf=65536;
                location / { fastcgi_pass unix:\(folder)/echo.sock; fastcgi_max_temp_file_size 0; }
            }
        }
        """
    }
}

struct NotAnswering: Error {
    let log: String
}

/// The FNV-1a hash of a file, in the form that `echo-responder` sends.
func digest(ofFile path: String) throws -> String {
    let state = try Data(contentsOf: URL(fileURLWithPath: path))
        .reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(state, radix: 16)
}
