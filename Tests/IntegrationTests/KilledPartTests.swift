import Foundation
import Support
import Testing

/// kill -9 of one process of each kind, and of `serve`: the processes that remain do not block its successor,
/// and exit.
@Suite(.serialized) struct KilledPartTests {
    @Test(
        "When nginx's master is killed, its workers exit and a new master takes the port",
        arguments: [false, true])
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
        // A reload works with the new master.
        stack.process.send(SIGHUP)
        #expect(eventually { stack.logText.contains("reloaded") }, "\(stack.logText)")
    }

    @Test("When a worker of nginx is killed, its master starts another")
    func nginxWorker() throws {
        let stack = try Stacks.shared(.fastcgi, "restart")
        let worker = try #require(
            stack.pids("nginx").first { parent(of: $0) != stack.process.pid })
        kill(worker, SIGKILL)
        #expect(eventually { !stack.pids("nginx").contains(worker) })
        #expect(try isBack(stack))
    }

    @Test("When fcgiwrap is killed, the processes that it started exit too")
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

    @Test("When the worker is killed while its resizer is stopped, the resizer exits too")
    func resizer() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "10m"])
        let resizer = try stack.stopIdleResizer()
        let workers = stack.pids("resize-worker")
        for pid in workers { kill(pid, SIGKILL) }
        #expect(eventually { !stack.pids("resizer").contains(resizer) }, "\(stack.logText)")
        #expect(eventually { !stack.pids("resize-worker").isEmpty })
    }

    @Test(
        "When serve is killed, the next serve starts on the same port and no old process remains",
        arguments: Stack.Gateway.allCases)
    func serve(_ gateway: Stack.Gateway) throws {
        let folder = TemporaryFolder()
        let first = try Stack(gateway, in: folder)
        let names = ["nginx", "fcgiwrap", "auth-responder", "image-responder", "resize-worker"]
        let before = names.flatMap(first.pids)
        let nginx = first.pids("nginx")
        let master = try #require(nginx.first { parent(of: $0) == first.process.pid })
        // The worst case: nginx's workers have no master, and one of them is stopped.
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

/// The fields of /proc/pid/stat after the program's name (proc(5)).
private func fields(of pid: pid_t) -> [Substring]? {
    let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ")
}
