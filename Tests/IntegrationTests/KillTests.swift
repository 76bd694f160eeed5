import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// Processes are killed during their work, and every upload that was answered with 202 completes.
@Suite(.serialized) struct KillTests {
    @Test("After kill -9 of the worker during a render, every photo still completes")
    func worker() throws {
        try completing(10) { stack in stack.pids("resize-worker") }
    }

    @Test("After kill -9 of a resizer during a render, every photo still completes")
    func resizer() throws {
        try completing(10) { stack in stack.pids("resizer") }
    }

    /// Uploads photos and, while they are processed, kills the processes that `victims` returns.
    private func completing(_ count: Int, _ victims: (Stack) -> [pid_t]) throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(count, width: 1600, height: 1200, in: folder)
        // One photo stays in progress until the test has seen it.
        let held = try stack.stopIdleResizer()
        let images = try photos.map { try #require(try client.upload($0)["imageId"].string) }
        #expect(
            try eventually {
                try client.get("/api/images?status=processing")["images"].array.isEmpty == false
            })
        let killed = victims(stack)
        #expect(!killed.isEmpty)
        for pid in killed { kill(pid, SIGKILL) }
        kill(held, SIGCONT)
        for image in images {
            let detail = try client.finished(image)
            #expect(detail["status"].string == "complete", "\(detail.text)\n\(stack.logText)")
        }
        for image in images {
            #expect(stack.storedFiles.filter { $0.contains(image) }.count == 5)
        }
    }

    @Test("After kill -9 of a responder during an upload, that upload fails, the next succeeds")
    func responder() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 1600, height: 1200, in: folder)
        for _ in 0..<5 {
            var upload: (() throws -> Answer)?
            try stack.killResponderInMidUpload {
                upload = Thread.running { try client.upload(photo) }
            }
            let answer = try #require(try upload?())
            #expect(answer.status == 502)
            #expect(answer.code == "internal", "\(answer.text)")
            #expect(try client.get("/api/images")["images"].array.isEmpty)
        }
        let answer = try client.upload(photo)
        #expect(answer.status == 202)
        let image = try #require(answer["imageId"].string)
        #expect(try client.finished(image)["status"].string == "complete")
        #expect(try client.get("/api/images")["images"].array.count == 1)
    }

    @Test("After kill -9 of all programs, accepted images complete on the next start")
    func everything() throws {
        let folder = TemporaryFolder()
        let pictures = TemporaryFolder()
        let photos = try Photos.many(4, width: 640, height: 480, in: pictures)
        var images: [String] = []
        var token: String?
        do {
            let stack = try Stack(in: folder, settings: ["MULTIRES_RESIZER_IDLE": "10m"])
            let client = try stack.account()
            token = client.token
            // One is in progress, and stays so until the kill.
            _ = try stack.stopIdleResizer()
            images = try photos.map { try #require(try client.upload($0)["imageId"].string) }
            #expect(
                try eventually {
                    !(try client.get("/api/images?status=processing")["images"].array.isEmpty)
                })
            for name in [
                "multires", "resize-worker", "resizer", "image-responder", "auth-responder",
            ] {
                for pid in stack.pids(name) { kill(pid, SIGKILL) }
            }
            stack.process.wait()
        }
        let stack = try Stack(in: folder)
        var client = stack.client
        client.token = token
        for image in images {
            let detail = try client.finished(image)
            #expect(detail["status"].string == "complete", "\(detail.text)\n\(stack.logText)")
        }
    }

    @Test("Two workers never process the same job")
    func twoWorkers() throws {
        let count = Fuzz.isLong ? 200 : 80
        let stack = try Stack()
        let second = try Shell.Background(
            Programs.path("resize-worker"), environment: stack.environment)
        defer { second.stop() }
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(count, width: 160, height: 120, in: folder)
        var images: [String] = []
        for start in stride(from: 0, to: photos.count, by: 20) {
            let answer = try client.upload(photos[start..<start + 20])
            images += answer["images"].array.compactMap { $0["imageId"]?.string }
        }
        #expect(images.count == count)
        for start in stride(from: 0, to: count, by: 20) {
            let ids = images[start..<start + 20].joined(separator: ",")
            let done = try eventually(within: 120) {
                try client.get("/api/images/status?ids=\(ids)")["images"].array
                    .allSatisfy { $0["status"]?.string == "complete" }
            }
            #expect(done)
            let states = try client.get("/api/images/status?ids=\(ids)")["images"].array
            #expect(states.count == 20)
            #expect(states.allSatisfy { $0["attempts"]?.int == 1 })
        }
        // Both worked, and together they finished each job once.
        let line = /image ([0-9a-f-]{36}) attempt 1: 4 sizes/
        let finished = stack.logText { ($0 + second.errors).matches(of: line).count >= count }
            .appending(second.errors).matches(of: line)
        #expect(Set(finished.map { String($0.1) }) == Set(images))
        #expect(finished.count == count)
        #expect(second.errors.contains("4 sizes"))
    }
}
