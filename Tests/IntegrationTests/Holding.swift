import Foundation
import Processes
import Support
import Testing

/// Stops programs and holds writes while a test checks something.
extension Stack {
    private var writeGate: String { "\(data)/catalog.sqlite3.lock" }

    /// Sends SIGSTOP to all programs of that name and returns their ids when all of their threads have
    /// stopped, which takes a moment. None of them is stopped during a write, because no other program could
    /// write then.
    func freeze(_ program: String) -> [pid_t] {
        // A worker listens for wake-ups before it logs its name, maybe after `serve` prints its address.
        #expect(
            program != "resize-worker"
                || eventually { logText.contains(/worker [^ ]+ with [0-9]+ resizer/) })
        let victims = pids(program)
        #expect(!victims.isEmpty)
        let stands = eventually {
            for victim in victims { kill(victim, SIGSTOP) }
            if eventually({ victims.allSatisfy(standsStill) }), !FileLock.isHeld(writeGate) {
                return true
            }
            thaw(victims)
            return false
        }
        #expect(stands)
        return victims
    }

    /// Stops the single idle resizer. The next image is given to it, so the test finds it in the middle of a
    /// render. For a stack whose resizers stay when they are idle.
    func stopIdleResizer() throws -> pid_t {
        var ready: pid_t? { pids("resizer").first(where: takesOrders) }
        #expect(eventually { ready != nil })
        let resizer = try #require(ready)
        kill(resizer, SIGSTOP)
        return resizer
    }

    /// Kills a stopped resizer when the worker has written its request. An image is `processing` a moment
    /// before, and a resizer that dies then is not the image's fault.
    func killInRequest(_ resizer: pid_t, by signal: Int32 = SIGKILL) {
        #expect(eventually { unreadBytes(of: resizer) > 0 })
        kill(resizer, signal)
    }

    /// Bytes in the pipe that is its standard input.
    private func unreadBytes(of resizer: pid_t) -> Int32 {
        guard
            let pipe = try? FileDescriptor(opening: "/proc/\(resizer)/fd/0", O_RDONLY | O_NONBLOCK)
        else { return 0 }
        var count: Int32 = 0
        return ioctl(pipe.number, UInt(FIONREAD), &count) == 0 ? count : 0
    }

    /// Whether it is ready for a request. False while it starts, when a stopped resizer would outlive its
    /// worker, and for one that tries the formats. Its last step before the first request is to install the
    /// system call filter (proc(5), Seccomp).
    private func takesOrders(_ resizer: pid_t) -> Bool {
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: "/proc/\(resizer)/\(name)", encoding: .utf8)) ?? ""
        }
        return text("status").contains("Seccomp:\t2") && !text("cmdline").contains("--formats")
    }

    func thaw(_ programs: [pid_t]) {
        for pid in programs { kill(pid, SIGCONT) }
    }

    private func standsStill(_ pid: pid_t) -> Bool {
        let folder = "/proc/\(pid)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.allSatisfy { thread in
            let stat = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8)
            return stat?.contains(") T ") ?? true
        }
    }

    /// Runs `body` while no program can write to the catalog. An upload then has stored its file and waits
    /// to add its row, until a writer's patience ends.
    func holdingWrites<Result>(_ body: () throws -> Result) throws -> Result {
        let gate = try FileLock(path: writeGate)
        try gate.lock(.exclusive)
        defer { gate.unlock() }
        return try body()
    }

    /// Kills the responder with SIGKILL when the upload that `begin` starts has its file but not its row.
    /// Returns when the next responder runs.
    func killResponderInMidUpload(_ begin: () -> Void) throws {
        func originals() -> Int { TemporaryFolder.files(below: data + "/originals").count }
        let victims = pids("image-responder")
        try holdingWrites {
            let before = originals()
            begin()
            #expect(eventually { originals() > before }, "\(logText)")
            for pid in victims { kill(pid, SIGKILL) }
            #expect(eventually { victims.allSatisfy { kill($0, 0) != 0 } })
        }
        #expect(eventually { !pids("image-responder").isEmpty })
    }
}
