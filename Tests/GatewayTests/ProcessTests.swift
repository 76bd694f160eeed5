import Foundation
import Processes
import Support
import Testing

@Suite("Startup")
struct ProcessTests {
    @Test("Only owner and group can connect to the socket")
    func socketMode() throws {
        let stack = try EchoStack()
        let attributes = try FileManager.default.attributesOfItem(atPath: stack.socket)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o660)
    }

    @Test("A responder serves on an inherited listening socket, even a non-blocking one")
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
        #expect(
            try Connection.answer(folder.file("s"), to: "/hello").contains(#"{"hello":"world"}"#))
        #expect(eventually { (try? processorTime(process.pid)) ?? .max < 100 })
    }

    @Test("Without free descriptors, a responder waits without using the processor, and recovers")
    func noDescriptors() throws {
        let stack = try EchoStack(wrapper: ["prlimit", "--nofile=12:12"])
        // Each silent connection takes one descriptor of the responder, for the 2 s that libfcgi waits.
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

    @Test("Without a socket or a request, a responder prints an error and exits with 1")
    func nothing() throws {
        let output = try Shell.run(Programs.path("echo-responder"), [])
        #expect(output.status == 1)
        #expect(output.errors.contains("There is nothing to serve on."))
    }

    @Test("A socket that cannot be opened is named in the error")
    func badSocket() throws {
        let path = "/tmp/" + String(repeating: "long", count: 30)
        let output = try Shell.run(Programs.path("echo-responder"), ["--socket", path])
        #expect(output.status == 1)
        #expect(
            output.errors.contains("bind \(path) (a socket's path may have at most 107 bytes): "))
    }

    @Test("If the responder cannot be created, the process prints the reason and exits with 1")
    func cannotBegin() throws {
        let folder = TemporaryFolder()
        let output = try Shell.run(
            Programs.path("echo-responder"), ["--socket", folder.file("s")],
            environment: ["ECHO_CANNOT_BEGIN": "/"])
        #expect(output.status == 1)
        #expect(output.errors.contains("echo-responder: first line"))
    }
}

@Suite("CGI programs")
struct CGITests {
    private func run(_ variables: [String: String], input: String = "") throws -> Shell.Output {
        try Shell.run(
            Programs.path("echo-responder"), [],
            environment: ["GATEWAY_INTERFACE": "CGI/1.1"].merging(variables) { $1 },
            input: Array(input.utf8))
    }

    @Test("A CGI program answers one request and exits with status 0")
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

    @Test("A CGI program reads exactly the declared length of the body")
    func length() throws {
        let variables = ["REQUEST_METHOD": "POST", "REQUEST_URI": "/echo/a"]
        let exact = try run(variables.merging(["CONTENT_LENGTH": "3"]) { $1 }, input: "abcdef")
        #expect(exact.text.contains("\"bytes\":3"))
        let short = try run(variables.merging(["CONTENT_LENGTH": "9"]) { $1 }, input: "abcdef")
        #expect(short.text.hasPrefix("Status: 400 "))
        let none = try run(variables, input: "abcdef")
        #expect(none.text.contains("\"bytes\":0"))
    }

    @Test("If a CGI program cannot create its responder, the response is 500 without the reason")
    func cannotBegin() throws {
        let output = try run([
            "REQUEST_METHOD": "GET", "REQUEST_URI": "/hello", "ECHO_CANNOT_BEGIN": "/",
        ])
        #expect(output.status == 0)
        #expect(output.text.hasPrefix("Status: 500 "))
        #expect(!output.text.contains("first line"))
        #expect(output.errors.contains("first line"))
    }
}

/// The processor time that a process has used, in hundredths of a second.
private func processorTime(_ pid: pid_t) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
    return fields[11...12].compactMap { Int($0) }.reduce(0, +)
}
