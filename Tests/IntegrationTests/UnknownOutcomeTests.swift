import Credentials
import Foundation
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// A commit whose sync fails may have happened or not: its bytes stay, the client is told so, and
/// sending it again gives one image.
@Suite struct UnknownOutcomeTests {
    @Test(
        "A failed sync of an upload's commit keeps the original, whatever becomes of the row",
        arguments: ["key", "bytes"])
    func upload(repeated by: String) throws {
        let ground = try Ground()
        let owner = try ground.account()
        let request = try FaultyRequest(ground, as: owner)
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
        func originals() -> [String] { TemporaryFolder.files(below: ground.folders.originals) }
        #expect(originals().count == 1, "it may have a row: \(originals())")

        let again = try send(fault: nil)
        let image = try #require(again["imageId"]?.string, "\(again)")
        let images = try ground.catalog().images.list(of: owner, where: ImageFilter())
        #expect(images.map(\.id.text) == [image])
        #expect(FileManager.default.fileExists(atPath: ground.original(images[0])))
        #expect(try ground.multires("doctor").text.contains("ok       originals"))
    }

    /// The change is one commit of several: the try at the password is counted before and after it.
    @Test(
        "Whichever sync of a password change or account deletion fails, the answer is what happened",
        arguments: 1...3, [true, false])
    func account(when: Int, isDeletion: Bool) throws {
        let ground = try Ground()
        let request = try FaultyRequest(ground, as: ground.account())
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

    @Test("Rows of a deleted image that cannot be removed yet do not make its DELETE an error")
    func deletion() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let image = try ground.image(of: owner)
        let request = try FaultyRequest(ground, as: owner)
        // The gate's lock of the last step.
        let answer = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "flock:error=EIO:when=2")
        #expect(answer.status == 200, "\(answer)")
    }

    @Test("An upload whose row is stored is answered so, whatever fails after that")
    func afterTheRow() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let request = try FaultyRequest(ground, as: owner)
        let folder = TemporaryFolder()
        let photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        func send(fault: String?) throws -> (status: Int, json: JSON) {
            try request.send(
                "POST", "/api/images/upload", body: photo, type: "image/jpeg", fault: fault)
        }
        #expect(try send(fault: nil).status == 202)
        // The copy's file, which goes.
        let again = try send(fault: "rename:error=EIO:when=3+")
        #expect(again.status == 200 && again.json["duplicate"]?.bool == true, "\(again)")
    }

    @Test(
        "All whose changes were in one commit that failed are told so",
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
        // They all wait while this is held.
        let gate = try FileLock(path: stack.data + "/catalog.sqlite3.lock")
        try gate.lock(.exclusive)
        let answers = images.map { image in
            Thread.running {
                try client.patch("/api/images/\(image)", json: #"{"alt": "new"}"#)
            }
        }
        // In this process, and not before its socket, from where its successor would take them.
        #expect(eventually { sockets(of: victim) >= idleSockets + images.count })
        let strace = try Self.failingSyncs(of: victim)
        // Whoever came too late for the first group finds that it failed.
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
            #expect(try client.get("/api/images/\(image)")["alt"].string == "", "it said busy")
        }
    }

    /// How many are open in this process (proc(5), /proc/pid/fd).
    private func sockets(of process: pid_t) -> Int {
        let folder = "/proc/\(process)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return numbers.count { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(number)")
            return target?.hasPrefix("socket:") ?? false
        }
    }

    /// Every fdatasync of this process fails from now on, until the returned one is ended.
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

    /// Not with SIGTERM: strace 6.1 then waits for each thread, and for ever when the process exits
    /// at that moment.
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
        "A responder that saw a failed sync answers, ends and is started again",
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
