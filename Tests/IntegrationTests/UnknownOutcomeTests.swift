import Catalog
import Credentials
import Foundation
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
        let images = try ground.catalog().images(of: owner, where: ImageFilter())
        #expect(images.map(\.id.text) == [image])
        #expect(FileManager.default.fileExists(atPath: ground.original(images[0])))
        #expect(try ground.multires("doctor").text.contains("ok       originals"))
    }

    /// A commit each: the try is counted, the change is made, the try is counted as a sign-in.
    @Test("A failed sync in a change of the password or a deletion is answered as what happened")
    func account() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let request = try FaultyRequest(ground, as: owner)
        let (old, new) = ("correct horse battery", "wrong donkey charger")
        func send(
            _ method: String, _ path: String, _ json: String, token: String? = nil,
            fault: String? = nil
        ) throws -> (status: Int, json: JSON) {
            try request.send(method, path, body: Array(json.utf8), token: token, fault: fault)
        }
        let signedIn = #"{"email": "eve@example.org", "password": "\#(old)"}"#
        var token = try send("POST", "/api/auth/register", signedIn).json["accessToken"]?.string
        let change = #"{"currentPassword": "\#(old)", "newPassword": "\#(new)"}"#
        let unknown = try send(
            "POST", "/api/auth/password", change, token: token, fault: "fdatasync:error=EIO:when=2")
        #expect(unknown.json["code"]?.string == "unknown_outcome", "\(unknown)")

        // It did not happen, as nobody had the database open.
        let again = try send("POST", "/api/auth/login", signedIn)
        token = again.json["accessToken"]?.string
        let changed = try send(
            "POST", "/api/auth/password", change, token: token, fault: "fdatasync:error=EIO:when=3")
        #expect(changed.status == 200, "the password is changed: \(changed)")
        token = changed.json["accessToken"]?.string

        let password = #"{"password": "\#(new)"}"#
        let open = try send(
            "DELETE", "/api/auth/me", password, token: token, fault: "fdatasync:error=EIO:when=2")
        #expect(open.json["code"]?.string == "unknown_outcome", "\(open)")
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
        let again = try send(fault: "rename:error=EIO:when=2")
        #expect(again.status == 200 && again.json["duplicate"]?.bool == true, "\(again)")
    }

    @Test(
        "All whose changes were in one commit that failed are told so",
        .enabled(if: getuid() == 0, "NOT TESTED: attaching strace to a running program needs root"))
    func group() throws {
        let stack = try Stack()
        let client = try stack.account()
        let images = try (0..<6).map { number in
            let folder = TemporaryFolder()
            return try #require(
                try client.completed(
                    try Photos.jpeg(width: 90 + number, height: 60, in: folder))["id"].string)
        }
        let victim = try #require(stack.pids("image-responder").first)
        // They all wait while this is held.
        let gate = try FileLock(path: stack.data + "/catalog.sqlite3.lock")
        try gate.lock(.exclusive)
        let answers = images.map { image in
            Thread.running {
                try client.request(
                    "/api/images/\(image)", ["-X", "PATCH", "--data-binary", #"{"alt": "new"}"#])
            }
        }
        let strace = try ChildProcess(
            "strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                "inject=fdatasync:error=EIO", "-p", String(victim),
            ], environment: ProcessInfo.processInfo.environment)
        #expect(eventually { Self.isTraced(victim, by: strace) })
        // Whoever came too late for the first group finds that it failed.
        gate.unlock()
        let outcomes = try answers.map { try $0() }
        strace.send(SIGTERM)
        strace.wait()
        for answer in outcomes {
            #expect(
                answer.status == 503 && ["unknown_outcome", "busy"].contains(answer.code ?? ""),
                "\(answer.text)")
        }
        #expect(outcomes.contains { $0.code == "unknown_outcome" })
        let refused = zip(images, outcomes).filter { $1.code == "busy" }.map(\.0)
        #expect(eventually { !stack.pids("image-responder").contains(victim) })
        #expect(eventually { (try? client.get("/api/health").status) == 200 })
        for image in refused {
            #expect(try client.get("/api/images/\(image)")["alt"].string == "", "it said busy")
        }
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
        let strace = try ChildProcess(
            "strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                "inject=fdatasync:error=EIO", "-p", String(victim),
            ], environment: ProcessInfo.processInfo.environment)
        #expect(eventually { Self.isTraced(victim, by: strace) })
        let failed = try client.upload(photo)
        #expect(failed.status == 503 && failed.code == "unknown_outcome", "\(failed.text)")
        #expect(failed.headers["retry-after"] != nil)
        #expect(eventually { !stack.pids("image-responder").contains(victim) }, "\(stack.logText)")
        strace.wait()
        #expect(eventually { (try? client.get("/api/health").status) == 200 })
        #expect(stack.logText.contains("a sync to the disk failed"), "\(stack.logText)")
        let image = try #require(try client.upload(photo)["imageId"].string)
        #expect(try client.finished(image)["status"].string == "complete")
        #expect(try client.get("/api/images")["images"].array.count == 1)
    }
}
