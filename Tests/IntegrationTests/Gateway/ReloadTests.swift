import Foundation
import Support
import Synchronization
import Testing

/// SIGHUP and restarts under load. `make soak` sets a larger number in MULTIRES_RELOADS.
@Suite(.serialized) struct ReloadTests {
    private static let count =
        ProcessInfo.processInfo.environment["MULTIRES_RELOADS"].flatMap { Int($0) } ?? 6

    @Test("Reloading all programs loses no request on a new connection")
    func reloads() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let load = try Load(on: stack)
        for _ in 0..<Self.count {
            try stack.reload()
            load.shouldContinue()
        }
        load.end()
    }

    @Test("Restarting the responders loses no request on a new connection")
    func restarts() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let load = try Load(on: stack)
        for round in 0..<Self.count {
            let name = ["auth-responder", "image-responder"][round % 2]
            let before = stack.pids(name)
            #expect(!before.isEmpty)
            for responder in before { kill(responder, SIGTERM) }
            #expect(
                eventually { stack.pids(name).contains { !before.contains($0) } },
                "\(stack.logText)")
            load.shouldContinue()
        }
        load.end()
    }

    @Test("No read fails on connections that nginx kept to a responder that was killed")
    func killed() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let token = try stack.account().token ?? ""
        for round in 0..<6 {
            let (name, target) = [
                ("auth-responder", "/api/auth/me"), ("image-responder", "/api/images"),
            ][round % 2]
            func ask() throws -> Int {
                try stack.ask("GET", target, ["Authorization: Bearer \(token)"]).status
            }
            // nginx keeps connections now, and finds them closed after the kill.
            for _ in 0..<20 { #expect(try ask() == 200) }
            for responder in stack.pids(name) { kill(responder, SIGKILL) }
            for _ in 0..<20 { #expect(try ask() == 200) }
        }
    }

    @Test("A reload with files that nginx rejects changes nothing")
    func refused() throws {
        let home = TemporaryFolder()
        for name in ["nginx", "www"] {
            _ = try Shell.run("cp", ["-r", "\(Programs.projectFolder)/\(name)", home.path])
        }
        let stack = try Stack(settings: ["MULTIRES_HOME": home.path])
        let template = home.file("nginx/include/limits.conf")
        let text = try String(contentsOfFile: template, encoding: .utf8)
        let rendered = stack.data + "/nginx/include/limits.conf"
        let before = try String(contentsOfFile: rendered, encoding: .utf8)
        try Data((text + "\nno_such_directive on;\n").utf8)
            .write(to: URL(fileURLWithPath: template))
        stack.process.send(SIGHUP)
        #expect(eventually { stack.logText.contains("not reloaded, nothing has changed") })
        #expect(stack.logText.contains("no_such_directive"))
        #expect(try String(contentsOfFile: rendered, encoding: .utf8) == before)
        #expect(try stack.client.get("/api/limits").status == 200)

        let larger = text.replacing(
            "client_max_body_size 64k;", with: "client_max_body_size 32k;")
        try Data(larger.utf8).write(to: URL(fileURLWithPath: template))
        try stack.reload()
        #expect(try String(contentsOfFile: rendered, encoding: .utf8).contains("32k;"))
    }
}

extension Stack {
    /// Sends SIGHUP and waits until all programs use the new settings.
    func reload() throws {
        func done() -> Int { logText.matches(of: /"message":"reloaded"/).count }
        let before = done()
        process.send(SIGHUP)
        #expect(eventually { done() > before }, "\(logText.suffix(3000))")
    }
}

/// Four clients that send requests without a pause, each on a new connection: reads, and sign-ins and uploads
/// that are refused.
private final class Load: Sendable {
    private let answered = Atomic(0)
    private let lost = Mutex<[String]>([])
    private let isOver = Atomic(false)
    private let clients = Atomic(4)

    init(on stack: Stack) throws {
        let token = try stack.account().token ?? ""
        let requests: [(String, String, String?, Int)] = [
            ("GET", "/api/images", nil, 200), ("GET", "/api/auth/me", nil, 200),
            ("POST", "/api/auth/login", "{}", 400),
            ("POST", "/api/images/upload", "no picture", 415),
        ]
        let headers = ["Authorization: Bearer \(token)", "Content-Type: image/jpeg"]
        for (method, target, body, status) in requests {
            let thread = Thread { [self] in
                while !isOver.load(ordering: .relaxed) {
                    let answer = Result { try stack.ask(method, target, headers, body: body) }
                    answered.add(1, ordering: .relaxed)
                    if (try? answer.get().status) != status {
                        lost.withLock { $0.append("\(Date()) \(method) \(target) \(answer)") }
                    }
                }
                clients.subtract(1, ordering: .relaxed)
            }
            thread.start()
        }
    }

    /// Waits until 20 more requests are answered.
    func shouldContinue() {
        let before = answered.load(ordering: .relaxed)
        #expect(eventually { answered.load(ordering: .relaxed) >= before + 20 })
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        #expect(eventually { clients.load(ordering: .relaxed) == 0 })
        let lost = lost.withLock { $0 }
        let count = answered.load(ordering: .relaxed)
        #expect(lost.isEmpty, "\(lost.count) of \(count): \(lost.prefix(3))")
        print("\(count) requests, \(lost.count) lost")
    }
}
