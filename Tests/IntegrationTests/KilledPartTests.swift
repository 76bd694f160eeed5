import Foundation
import Support
import Testing

/// kill -9 of one process alone, of each kind, and of `serve`: what is left of it does not stand in
/// the way of its successor, and goes.
@Suite(.serialized) struct KilledPartTests {
    @Test("nginx's master: its workers go, and a new one takes the port", arguments: [false, true])
    func master(isWorkerStopped: Bool) throws {
        let stack = try Stack()
        let before = stack.pids("nginx")
        let master = try #require(before.first { parent(of: $0) == stack.process.pid })
        let workers = before.filter { $0 != master }
        #expect(workers.count == 2)
        if isWorkerStopped { kill(workers[0], SIGSTOP) }
        kill(master, SIGKILL)
        #expect(eventually { !stack.pids("nginx").contains { before.contains($0) } })
        #expect(try isBack(stack))
        let now = stack.pids("nginx")
        #expect(now.contains { parent(of: $0) == stack.process.pid }, "\(stack.logText)")
        // A reload reaches it.
        stack.process.send(SIGHUP)
        #expect(eventually { stack.logText.contains("reloaded") }, "\(stack.logText)")
    }

    @Test("A worker of nginx: its master starts another")
    func nginxWorker() throws {
        let stack = try Stacks.shared(.fastcgi, "restart")
        let worker = try #require(
            stack.pids("nginx").first { parent(of: $0) != stack.process.pid })
        kill(worker, SIGKILL)
        #expect(eventually { !stack.pids("nginx").contains(worker) })
        #expect(try isBack(stack))
    }

    @Test("fcgiwrap alone: what it started goes with it")
    func wrapper() throws {
        let stack = try Stack(.cgi)
        let before = stack.pids("fcgiwrap")
        let master = try #require(before.first { parent(of: $0) == stack.process.pid })
        let started = before.filter { parent(of: $0) == master }
        #expect(!started.isEmpty)
        kill(master, SIGKILL)
        let gone = [master] + started
        #expect(eventually { !stack.pids("fcgiwrap").contains { gone.contains($0) } })
        #expect(try isBack(stack))
    }

    @Test("The worker while its resizer is stopped: the resizer goes too")
    func resizer() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "10m"])
        let resizer = try stack.holdResizer()
        let workers = stack.pids("resize-worker")
        for pid in workers { kill(pid, SIGKILL) }
        #expect(eventually { !stack.pids("resizer").contains(resizer) }, "\(stack.logText)")
        #expect(eventually { !stack.pids("resize-worker").isEmpty })
    }

    @Test(
        "serve: the next one on the same port starts at once, and nothing of the last one stays",
        arguments: Stack.Gateway.allCases)
    func serve(_ gateway: Stack.Gateway) throws {
        let folder = TemporaryFolder()
        let first = try Stack(gateway, in: folder)
        let names = ["nginx", "fcgiwrap", "auth-responder", "image-responder", "resize-worker"]
        let before = names.flatMap(first.pids)
        let nginx = first.pids("nginx")
        let master = try #require(nginx.first { parent(of: $0) == first.process.pid })
        // The worst of it: the workers have no master, and one of them is stopped.
        first.process.send(SIGKILL)
        first.process.wait()
        kill(master, SIGKILL)
        kill(try #require(nginx.first { $0 != master }), SIGSTOP)

        let second = try Stack(
            gateway, in: folder, settings: ["MULTIRES_PORT": String(first.port)])
        #expect(try first.client.get("/api/health").status == 200)
        #expect(
            eventually { before.allSatisfy { kill($0, 0) != 0 || isZombie($0) } },
            "\(second.logText)")
    }

    private func isBack(_ stack: Stack) throws -> Bool {
        eventually {
            ["/health", "/api/auth/health", "/api/health"].allSatisfy {
                (try? stack.client.get($0).status) == 200
            }
        }
    }
}

private func parent(of pid: pid_t) -> pid_t? {
    fields(of: pid)?.dropFirst().first.flatMap { pid_t($0) }
}

private func isZombie(_ pid: pid_t) -> Bool { fields(of: pid)?.first == "Z" }

/// proc(5), stat: what comes behind the name.
private func fields(of pid: pid_t) -> [Substring]? {
    let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ")
}
