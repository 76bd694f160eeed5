import Foundation
import Processes
import Support
import Testing

/// Programs, and writes, that stand still while a test looks.
extension Stack {
    private var writeGate: String { "\(data)/catalog.sqlite3.lock" }

    /// SIGSTOP; returns the programs when all of their threads stand still, which takes a moment after
    /// the signal was sent, and none of them stands in the middle of a write, where nobody else
    /// could write either.
    func freeze(_ program: String) -> [pid_t] {
        // A worker listens before it says who it is, which may be after `serve` said where it is.
        #expect(
            program != "resize-worker" || eventually { logText.contains(" resizers, worker ") })
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

    /// Stops the one resizer that is there before a picture comes, so that what a test does meets it in
    /// mid-work; the next picture is given to it. For a stack whose resizers stay when idle.
    func holdResizer() throws -> pid_t {
        var ready: pid_t? { pids("resizer").first(where: takesOrders) }
        #expect(eventually { ready != nil })
        let resizer = try #require(ready)
        kill(resizer, SIGSTOP)
        return resizer
    }

    /// Not of one that only begins, which would outlive its worker when it is stopped, and not of one that
    /// tries the formats. Its last step before the first order is the filter of system calls
    /// (proc(5), Seccomp).
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

    /// Runs `body` while nobody can write to the catalog: an upload then has its file and waits for
    /// its row, for as long as a writer is patient.
    func holdingWrites<Result>(_ body: () throws -> Result) throws -> Result {
        let gate = try FileLock(path: writeGate)
        try gate.lock(.exclusive)
        defer { gate.unlock() }
        return try body()
    }

    /// kill -9 while an upload that `begin` has begun is there as a file and not yet as a row; returns
    /// when the next responder runs.
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
