import Foundation
import Processes
import Support
import Testing

@Suite("Starting and stopping")
struct ProcessTests {
    /// Sends a request that makes the file `begun`, and waits for that.
    private func begin(_ path: String, on stack: EchoStack) -> () throws -> Answer {
        let begun = stack.folder.file("begun")
        let pending = Thread.running { try stack.get("\(path)begun=\(begun)") }
        #expect(eventually { FileManager.default.fileExists(atPath: begun) })
        return pending
    }

    @Test("SIGTERM ends an idle responder within about a second, with status 0")
    func idle() throws {
        let stack = try EchoStack()
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(4))
        #expect(stack.log.contains(" notice echo-responder: stopped"))
    }

    @Test("SIGTERM ends a responder though nginx keeps connections to it open")
    func idleConnections() throws {
        let stack = try EchoStack()
        #expect(try stack.get("/hello", by: .kept).status == 200)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(5))
    }

    @Test("A request under way at SIGTERM is answered")
    func underWay() throws {
        let stack = try EchoStack()
        let pending = begin("/slow?seconds=2&", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(6))
        #expect(try pending().status == 200)
    }

    @Test("A long wait ends early at SIGTERM")
    func waiting() throws {
        let stack = try EchoStack()
        let pending = begin("/wait?", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(4))
        #expect(try pending()["wait"].string == "over")
    }

    @Test("A request that never ends holds the process for 10 seconds and no longer")
    func endless() throws {
        let stack = try EchoStack()
        let pending = begin("/slow?seconds=60&", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time > .seconds(9) && time < .seconds(14))
        #expect(try pending().status == 502)
        #expect(stack.log.contains("1 requests unfinished"))
    }

    @Test("Owner and group reach the socket, others do not")
    func socketMode() throws {
        let stack = try EchoStack()
        let attributes = try FileManager.default.attributesOfItem(atPath: stack.socket)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o660)
    }

    @Test(
        "A responder answers on a listening socket that it was started with, even a non-blocking one"
    )
    func inherited() throws {
        let folder = TemporaryFolder()
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        let listening = FileDescriptor(owning: number)
        #expect(withUnixAddress(folder.file("s")) { bind(number, $0, $1) } == 0)
        #expect(listen(number, 8) == 0)
        let log = try FileDescriptor(opening: folder.file("log"), O_WRONLY | O_CREAT)
        let process = try ChildProcess(
            Programs.path("echo-responder"), environment: ProcessInfo.processInfo.environment,
            descriptors: [0: listening.number, 2: log.number])
        defer {
            process.send(SIGTERM)
            process.wait()
        }
        let request = try Connection(folder.file("s"))
        request.send(FastCGI.request(["REQUEST_METHOD": "GET", "DOCUMENT_URI": "/hello"]))
        #expect(request.rest().contains("{\"hello\":\"world\"}"))
        #expect(eventually { (try? processorTime(process.pid)) ?? .max < 100 })
    }

    @Test("Without descriptors the responder waits instead of burning the processor, and recovers")
    func noDescriptors() throws {
        let stack = try EchoStack(wrapper: ["prlimit", "--nofile=12:12"])
        // Each silent connection costs the responder a descriptor, for the 2 s that libfcgi waits.
        let silent = try (0..<24).map { _ in try Connection(stack.socket) }
        #expect(eventually { stack.log.contains("accept the FastCGI socket: Too many open files") })
        let before = try processorTime(stack.pid)
        let start = ContinuousClock.now
        #expect(eventually { ContinuousClock.now - start > .seconds(1) })
        // In hundredths of a second; a busy loop would take 100 and more.
        #expect(try processorTime(stack.pid) - before < 40)
        for connection in silent { connection.close() }
        #expect(eventually { (try? stack.get("/hello").status) == 200 })
    }

    @Test("Started without anything to serve on, it says so and fails")
    func nothing() throws {
        let output = try Shell.run(Programs.path("echo-responder"), [])
        #expect(output.status == 1)
        #expect(output.errors.contains("There is nothing to serve on."))
    }

    @Test("A socket that cannot be opened is named")
    func badSocket() throws {
        let path = "/tmp/" + String(repeating: "long", count: 30)
        let output = try Shell.run(Programs.path("echo-responder"), ["--socket", path])
        #expect(output.status == 1)
        #expect(output.errors.contains("bind \(path): File name too long"))
    }

    @Test("A responder that cannot be made ends the process with its reason")
    func cannotBegin() throws {
        let folder = TemporaryFolder()
        let output = try Shell.run(
            Programs.path("echo-responder"), ["--socket", folder.file("s")],
            environment: ["ECHO_CANNOT_BEGIN": "1"])
        #expect(output.status == 1)
        #expect(output.errors.contains("echo-responder: first line"))
    }
}

@Suite("As a CGI program")
struct CGITests {
    private func run(_ variables: [String: String], input: String = "") throws -> Shell.Output {
        try Shell.run(
            Programs.path("echo-responder"), [],
            environment: ["GATEWAY_INTERFACE": "CGI/1.1"].merging(variables) { $1 },
            input: Array(input.utf8))
    }

    @Test("It answers one request and ends with status 0")
    func one() throws {
        let output = try run([
            "REQUEST_METHOD": "GET", "REQUEST_URI": "/hello", "REQUEST_ID": "0123456789abcdef",
        ])
        #expect(output.status == 0)
        #expect(
            output.text == """
                Status: 200 OK\r
                X-Request-Id: 0123456789abcdef\r
                Content-Type: application/json\r
                Cache-Control: no-store\r
                Content-Length: 17\r
                \r
                {"hello":"world"}
                """)
        let line = try JSONDecoder().decode(JSON.self, from: Data(output.errors.utf8))
        #expect(line["message"]?.string?.hasPrefix("GET /hello 200 ") == true)
        #expect(line["requestId"]?.string == "0123456789abcdef")
        #expect(line["status"]?.int == 200 && line["bytesOut"]?.int == 17)
    }

    @Test("The body is as long as declared, neither longer nor shorter")
    func length() throws {
        let variables = ["REQUEST_METHOD": "POST", "REQUEST_URI": "/echo/a"]
        let exact = try run(variables.merging(["CONTENT_LENGTH": "3"]) { $1 }, input: "abcdef")
        #expect(exact.text.contains("\"bytes\":3"))
        let short = try run(variables.merging(["CONTENT_LENGTH": "9"]) { $1 }, input: "abcdef")
        #expect(short.text.hasPrefix("Status: 400 "))
        let none = try run(variables, input: "abcdef")
        #expect(none.text.contains("\"bytes\":0"))
    }

    @Test("A responder that cannot be made is answered 500")
    func cannotBegin() throws {
        let output = try run([
            "REQUEST_METHOD": "GET", "REQUEST_URI": "/hello", "ECHO_CANNOT_BEGIN": "1",
        ])
        #expect(output.status == 0)
        #expect(output.text.hasPrefix("Status: 500 "))
        #expect(!output.text.contains("first line"))
        #expect(output.errors.contains("first line"))
    }
}

/// A client's end of a UNIX socket.
private final class Connection {
    private var number: Int32

    init(_ path: String) throws {
        number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard let code = withUnixAddress(path, { connect(number, $0, $1) }), code == 0 else {
            throw SystemError("connect", path)
        }
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) { _ = Foundation.send(number, bytes, bytes.count, 0) }

    /// All that comes until the other side closes, as text.
    func rest() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let got = recv(number, &buffer, buffer.count, 0), got > 0 {
            all += buffer.prefix(got)
        }
        return String(decoding: all, as: UTF8.self)
    }

    func close() {
        if number >= 0 { Foundation.close(number) }
        number = -1
    }
}

/// As much of FastCGI 1.0, section 3, as a short request without a body takes.
private enum FastCGI {
    static func request(_ variables: [String: String]) -> [UInt8] {
        let pairs = variables.flatMap { name, value in
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, pairs) + record(4, [])
            + record(5, [])
    }

    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }
}

/// Hundredths of a second that a process has run.
private func processorTime(_ pid: pid_t) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
    return fields[11...12].compactMap { Int($0) }.reduce(0, +)
}
