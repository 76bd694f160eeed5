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
        let isAttached = eventually {
            let threads = try? FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(victim)/task")
            return threads?.allSatisfy { thread in
                let status = try? String(
                    contentsOfFile: "/proc/\(victim)/task/\(thread)/status", encoding: .utf8)
                return status?.contains("TracerPid:\t\(strace.pid)") ?? false
            } ?? false
        }
        #expect(isAttached)
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
