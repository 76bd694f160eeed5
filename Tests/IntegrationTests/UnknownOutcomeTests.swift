import Credentials
import Foundation
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// A commit whose sync fails may be stored or not. The file stays, the client gets `unknown_outcome`, and
/// sending the request again gives one image.
@Suite struct UnknownOutcomeTests {
    @Test(
        "When the sync of an upload's commit fails, the original stays, with or without a row",
        arguments: ["key", "bytes"])
    func upload(repeated by: String) throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let request = try FaultyRequest(harness, as: owner)
        let folder = TemporaryFolder()
        let photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        func send(fault: String?) throws -> JSON {
            try request.send(
                "POST", "/api/images/upload", body: photo, type: "image/jpeg",
                headers: by == "key" ? ["HTTP_IDEMPOTENCY_KEY": "one"] : [:], fault: fault
            ).json
        }

        let failed = try send(fault: "fdatasync:error=EIO")
        #expect(failed["code"]?.string == "unknown_outcome", "\(failed)")
        #expect(failed["retryAfter"]?.int != nil)
        func originals() -> [String] { TemporaryFolder.files(below: harness.folders.originals) }
        #expect(originals().count == 1, "the row may exist and needs its original: \(originals())")

        let again = try send(fault: nil)
        let image = try #require(again["imageId"]?.string, "\(again)")
        let images = try harness.catalog().images.list(of: owner, where: ImageFilter())
        #expect(images.map(\.id.text) == [image])
        #expect(FileManager.default.fileExists(atPath: harness.original(images[0])))
        #expect(try harness.multires("doctor").text.contains("ok       originals"))
    }

    /// The change is one of several commits: the attempt at the password is recorded before and after it.
    @Test(
        "When any sync of a password change or account deletion fails, the response is correct",
        arguments: 1...3, [true, false])
    func account(when: Int, isDeletion: Bool) throws {
        let harness = try CommandHarness()
        let request = try FaultyRequest(harness, as: harness.account())
        func send(
            _ method: String, _ path: String, _ json: String, token: String? = nil,
            fault: String? = nil
        ) throws -> (status: Int, json: JSON) {
            try request.send(method, path, body: Array(json.utf8), token: token, fault: fault)
        }
        let (old, new) = ("correct horse battery", "wrong donkey charger")
        func account(_ password: String) -> String {
            #"{"email": "eve@example.org", "password": "\#(password)"}"#
        }
        let registered = try send("POST", "/api/auth/register", account(old))
        let token = try #require(registered.json["accessToken"]?.string)
        let fault = "fdatasync:error=EIO:when=\(when)"
        let answer =
            isDeletion
            ? try send(
                "DELETE", "/api/auth/me", #"{"password": "\#(old)"}"#, token: token, fault: fault)
            : try send(
                "POST", "/api/auth/password",
                #"{"currentPassword": "\#(old)", "newPassword": "\#(new)"}"#, token: token,
                fault: fault)
        #expect(
            answer.status == 200 || answer.json["code"]?.string == "unknown_outcome", "\(answer)")
        guard answer.status == 200 else { return }
        #expect(try send("POST", "/api/auth/login", account(old)).status == 401)
        #expect(
            try send("POST", "/api/auth/login", account(new)).status == (isDeletion ? 401 : 200))
    }

    @Test("A DELETE succeeds even if the row of the deleted image cannot be removed yet")
    func deletion() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let image = try harness.image(of: owner)
        let request = try FaultyRequest(harness, as: owner)
        // The second lock of the write gate is that of the last step.
        let answer = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "flock:error=EIO:when=2")
        #expect(answer.status == 200, "\(answer)")
    }

    @Test("An upload whose row is stored succeeds, even if a later step fails")
    func afterTheRow() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let request = try FaultyRequest(harness, as: owner)
        let folder = TemporaryFolder()
        let photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        func send(fault: String?) throws -> (status: Int, json: JSON) {
            try request.send(
                "POST", "/api/images/upload", body: photo, type: "image/jpeg", fault: fault)
        }
        #expect(try send(fault: nil).status == 202)
        // The rename that removes the file of the duplicate.
        let again = try send(fault: "rename:error=EIO:when=3+")
        #expect(again.status == 200 && again.json["duplicate"]?.bool == true, "\(again)")
    }

    @Test(
        "When a commit with several requests fails, each of them gets an error",
        .enabled(if: getuid() == 0, "NOT TESTED: attaching strace to a running program needs root"))
    func group() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let images = try Photos.many(6, width: 90, height: 60, in: folder).map {
            try #require(try client.completed($0)["id"].string)
        }
        let victim = try #require(stack.pids("image-responder").first)
        let idleSockets = sockets(of: victim)
        // All of them wait while this is locked.
        let gate = try FileLock(path: stack.data + "/catalog.sqlite3.lock")
        try gate.lock(.exclusive)
        let answers = images.map { image in
            Thread.running {
                try client.patch("/api/images/\(image)", json: #"{"alt": "new"}"#)
            }
        }
        // Accepted by this process: its successor would take those that still wait at the socket.
        #expect(eventually { sockets(of: victim) >= idleSockets + images.count })
        let strace = try Self.failingSyncs(of: victim)
        // A request that was too late for the first group finds that the group failed.
        gate.unlock()
        let outcomes = try answers.map { try $0() }
        for answer in outcomes {
            #expect(
                answer.status == 503 && ["unknown_outcome", "busy"].contains(answer.code ?? ""),
                "\(answer.text)")
        }
        #expect(outcomes.contains { $0.code == "unknown_outcome" })
        let refused = zip(images, outcomes).filter { $1.code == "busy" }.map(\.0)
        #expect(eventually { !stack.pids("image-responder").contains(victim) })
        Self.end(strace)
        #expect(eventually { (try? client.get("/api/health").status) == 200 })
        for image in refused {
            #expect(
                try client.get("/api/images/\(image)")["alt"].string == "",
                "the answer was busy, but the change is stored")
        }
    }

    /// The number of open sockets of a process (proc(5), /proc/pid/fd).
    private func sockets(of process: pid_t) -> Int {
        let folder = "/proc/\(process)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return numbers.count { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(number)")
            return target?.hasPrefix("socket:") ?? false
        }
    }

    /// Makes every fdatasync of a process fail until the returned strace is stopped with `end`.
    private static func failingSyncs(of victim: pid_t) throws -> ChildProcess {
        let strace = try ChildProcess(
            "strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                "inject=fdatasync:error=EIO", "-p", String(victim),
            ], environment: ProcessInfo.processInfo.environment)
        #expect(eventually { isTraced(victim, by: strace) })
        return strace
    }

    /// Stops strace. Not with SIGTERM: strace 6.1 then waits for each thread, and forever if the process
    /// exits at that moment.
    private static func end(_ strace: ChildProcess) {
        strace.send(SIGKILL)
        strace.wait()
    }

    private static func isTraced(_ process: pid_t, by tracer: ChildProcess) -> Bool {
        let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
        return threads?.allSatisfy { thread in
            let status = try? String(
                contentsOfFile: "/proc/\(process)/task/\(thread)/status", encoding: .utf8)
            return status?.contains("TracerPid:\t\(tracer.pid)") ?? false
        } ?? false
    }

    @Test(
        "A responder whose sync failed responds, exits and is restarted",
        .enabled(if: getuid() == 0, "NOT TESTED: attaching strace to a running program needs root"))
    func responder() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
        let victim = try #require(stack.pids("image-responder").first)
        let strace = try Self.failingSyncs(of: victim)
        let failed = try client.upload(photo)
        #expect(failed.status == 503 && failed.code == "unknown_outcome", "\(failed.text)")
        #expect(failed.headers["retry-after"] != nil)
        #expect(eventually { !stack.pids("image-responder").contains(victim) }, "\(stack.logText)")
        Self.end(strace)
        #expect(eventually { (try? client.get("/api/health").status) == 200 })
        #expect(stack.logText.contains("a sync to the disk failed"), "\(stack.logText)")
        let image = try #require(try client.upload(photo)["imageId"].string)
        #expect(try client.finished(image)["status"].string == "complete")
        #expect(try client.get("/api/images")["images"].array.count == 1)
    }
}
