import Foundation
import Processes
import Support
import Synchronization
import Testing

@Suite("Shutdown and threads")
struct StopTests {
    /// Sends a request that creates the file `begun`, and waits for that file.
    private func begin(_ path: String, on stack: EchoStack) -> () throws -> Answer {
        let begun = stack.folder.file("begun")
        let pending = Thread.running { try stack.get("\(path)begun=\(begun)") }
        #expect(eventually { FileManager.default.fileExists(atPath: begun) })
        return pending
    }

    @Test("SIGTERM stops an idle responder at once, with exit status 0")
    func idle() throws {
        let stack = try EchoStack()
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(8))
        #expect(stack.log.contains(" notice echo-responder: stopped"))
    }

    @Test("SIGTERM stops a responder even if nginx keeps connections to it open")
    func idleConnections() throws {
        let stack = try EchoStack()
        #expect(try stack.get("/hello", by: .kept).status == 200)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(5))
    }

    @Test("A request that is being processed at SIGTERM is answered")
    func inProgress() throws {
        let stack = try EchoStack()
        let pending = begin("/slow?seconds=2&", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(6))
        #expect(try pending().status == 200)
    }

    @Test("A body that is still arriving at SIGTERM is read completely")
    func bodyUnderWay() throws {
        let stack = try EchoStack()
        let file = try stack.file("body", bytes: 400_000)
        let begun = stack.folder.file("begun")
        let pending = Thread.running {
            try stack.curl(
                "/echo/a?begun=\(begun)", by: .streaming,
                ["--data-binary", "@" + file, "--limit-rate", "200k"])
        }
        #expect(eventually { FileManager.default.fileExists(atPath: begun) })
        let (end, _) = stack.stop()
        #expect(end == .exited(0))
        let answer = try pending()
        #expect(answer.status == 200)
        #expect(answer["digest"].string == (try digest(ofFile: file)))
    }

    @Test("A response that a slow client is still reading at SIGTERM is sent completely")
    func answerUnderWay() throws {
        let stack = try EchoStack()
        let begun = stack.folder.file("begun")
        let pending = Thread.running {
            try stack.curl(
                "/large?bytes=12000000&begun=\(begun)", by: .waiting, ["--limit-rate", "6M"])
        }
        #expect(eventually { FileManager.default.fileExists(atPath: begun) })
        let (end, _) = stack.stop()
        #expect(end == .exited(0))
        #expect(try pending()["large"].string?.utf8.count == 12_000_000)
    }

    @Test("When responders replace each other on a socket, each answers what it has accepted")
    func successors() throws {
        let folder = TemporaryFolder()
        let path = folder.file("s")
        let listening = FileDescriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        #expect(withUnixAddress(path) { bind(listening.number, $0, $1) } == 0)
        #expect(listen(listening.number, 64) == 0)
        let log = try FileDescriptor(opening: folder.file("log"), O_WRONLY | O_CREAT | O_APPEND)
        let whole = Atomic(0)
        let broken = Atomic(0)
        let isOver = Atomic(false)
        let clients = (0..<4).map { _ in
            Thread.running {
                while !isOver.load(ordering: .relaxed) {
                    let answer = try Connection.answer(path, to: "/hello")
                    if answer.contains(#"{"hello":"world"}"#) {
                        whole.add(1, ordering: .relaxed)
                    } else {
                        broken.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        for number in 0..<20 {
            let process = try ChildProcess(
                Programs.path("echo-responder"),
                environment: ProcessInfo.processInfo.environment,
                descriptors: [0: listening.number, 2: log.number])
            let before = whole.load(ordering: .relaxed)
            #expect(eventually { whole.load(ordering: .relaxed) > before + 50 })
            if number == 19 {
                isOver.store(true, ordering: .relaxed)
                for client in clients { try client() }
            }
            process.send(SIGTERM)
            #expect(process.wait() == .exited(0))
        }
        #expect(broken.load(ordering: .relaxed) == 0)
    }

    @Test("An idle responder does not wake up")
    func asleep() throws {
        let stack = try EchoStack()
        // All threads have answered a request and wait for the next one.
        _ = try atOnce(32) { _ in try stack.get("/slow?seconds=0.5&begun=/dev/null") }
        let before = try wakeUps(stack.pid)
        Thread.sleep(forTimeInterval: 2.5)  // the test counts wake-ups in this time
        #expect(try wakeUps(stack.pid) - before < 10)
    }

    @Test("A waiting request is answered early at SIGTERM")
    func waiting() throws {
        let stack = try EchoStack()
        let pending = begin("/wait?", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time < .seconds(8))
        #expect(try pending()["wait"].string == "over")
    }

    @Test("A request that never ends delays the exit by 10 seconds and no longer")
    func endless() throws {
        let stack = try EchoStack()
        let pending = begin("/slow?seconds=60&", on: stack)
        let (end, time) = stack.stop()
        #expect(end == .exited(0))
        #expect(time > .seconds(9) && time < .seconds(50))
        #expect(try pending().status == 502)
        #expect(stack.log.contains("stopped; unfinished requests: 1"))
    }

    @Test("A responder starts with few threads and answers 32 requests at once")
    func threads() throws {
        let stack = try EchoStack()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(stack.pid)/task").count
                < 10)
        let folder = try stack.folder.folder("begun")
        let pending = (0..<32).map { number in
            Thread.running { try stack.get("/wait?begun=\(folder)/\(number)") }
        }
        #expect(
            eventually {
                (try? FileManager.default.contentsOfDirectory(atPath: folder).count) == 32
            })
        #expect(stack.stop().end == .exited(0))
        for answer in pending { #expect(try answer()["wait"].string == "over") }
    }

    @Test("While no thread can be added, the existing ones answer; later, threads are added")
    func cannotGrow() throws {
        let folder = TemporaryFolder()
        let mark = folder.file("mark")
        let stack = try EchoStack(wrapper: ["env", "ECHO_CANNOT_BEGIN=\(mark)"])
        // The threads that startup needed exist; each of these requests needs one more.
        try Data().write(to: URL(fileURLWithPath: mark))
        let pending = (0..<6).map { number in
            Thread.running { try stack.get("/wait?begun=\(folder.file("begun\(number)"))") }
        }
        #expect(eventually { stack.log.contains(" error echo-responder: first line") })
        #expect(!stack.hasEnded)
        try FileManager.default.removeItem(atPath: mark)
        #expect(
            eventually {
                (0..<6).allSatisfy {
                    FileManager.default.fileExists(atPath: folder.file("begun\($0)"))
                }
            })
        #expect(stack.stop().end == .exited(0))
        for answer in pending { #expect(try answer()["wait"].string == "over") }
    }
}

/// How often the threads of a process have begun to wait.
private func wakeUps(_ pid: pid_t) throws -> Int {
    let folder = "/proc/\(pid)/task"
    return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(0) { sum, thread in
        let text = try String(contentsOfFile: "\(folder)/\(thread)/status", encoding: .utf8)
        let match = text.firstMatch(of: /\nvoluntary_ctxt_switches:\s*([0-9]+)/)
        return sum + (match.flatMap { Int($0.1) } ?? 0)
    }
}
