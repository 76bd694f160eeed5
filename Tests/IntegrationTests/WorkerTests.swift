import Foundation
import Model
import Support
import Synchronization
import Testing

@testable import resize_worker

/// Images that crash or hang their resizer fail, and other images are rendered meanwhile.
@Suite(.serialized) struct WorkerTests {
    @Test(
        "An image that crashes or hangs its resizer fails with a reason, and completes on a retry",
        arguments: [
            (SIGKILL, "resizer_crashed", "signal 9"),
            (SIGSTOP, "render_timeout", "no progress for 10 seconds"),
            (SIGXCPU, "render_timeout", "more than 20 seconds of processor time"),
        ])
    func givenUp(_ signal: Int32, _ code: String, _ message: String) throws {
        let stack = try Stack(settings: [
            // An image that takes too long fails at once, although attempts are left.
            "MULTIRES_ATTEMPTS": signal == SIGKILL ? "1" : "3", "MULTIRES_RENDER_STALL": "10s",
            "MULTIRES_RENDER_SECONDS": "20", "MULTIRES_RESIZERS": "1",
            "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let image = try client.claimed(Photos.jpeg(width: 640, height: 480, in: folder))
        stack.killInRequest(resizer, by: signal)
        if signal == SIGXCPU { kill(resizer, SIGCONT) }  // Until then it is stopped.

        let detail = try client.finished(image)
        #expect(detail["status"].string == "failed", "\(detail.text)\n\(stack.logText)")
        #expect(detail["attempts"].int == 1)
        let reason = detail["errorMessage"].string ?? ""
        #expect(detail["errorCode"].string == code)
        #expect(reason.contains(message), "\(reason)")

        let retried = try client.post("/api/images/\(image)/retry")
        #expect(retried.status == 202)
        #expect(try client.finished(image)["status"].string == "complete")
        let refused = try client.post("/api/images/\(image)/retry")
        #expect(refused.status == 409)
        #expect(refused.code == "not_failed")
    }

    @Test("The time limit of an image is processor time: an image that waits for a core completes")
    func processorTime() throws {
        // Less than the time for which its resizer is stopped.
        let stack = try Stack(settings: [
            "MULTIRES_RENDER_SECONDS": "2", "MULTIRES_RESIZERS": "1",
            "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let begun = ContinuousClock.now
        let image = try client.claimed(Photos.jpeg(width: 640, height: 480, in: folder))
        let hasFailed = try eventually(within: 4, every: 0.2) {
            try client.get("/api/images/\(image)/status")["status"].string == "failed"
        }
        #expect(!hasFailed)
        #expect(.now - begun > .seconds(4))
        kill(resizer, SIGCONT)
        #expect(try client.finished(image)["status"].string == "complete", "\(stack.logText)")
    }

    @Test("An image that needs more processor time than the limit fails")
    func tooMuchWork() throws {
        let folder = TemporaryFolder()
        // Five sizes that take about a second each. Of a photo that is smaller, all five are the same file.
        let sizes = (15...19).map {
            #"{"name": "size\#($0)", "width": \#($0)00, "height": \#($0)00, "format": "webp"}"#
        }
        let preset = """
            {"sizes": [{"name": "thumbnail", "width": 150, "height": 150},
                       \(sizes.joined(separator: ", "))],
             "encoders": {"webp": {"effort": 6}}}
            """
        let path = try Photos.write(Array(preset.utf8), to: folder.file("preset.json"))
        let stack = try Stack(settings: [
            "MULTIRES_RENDER_SECONDS": "1", "MULTIRES_PRESETS": path,
        ])
        let client = try stack.account()
        let detail = try client.completed(Photos.jpeg(width: 2000, height: 1900, in: folder))
        #expect(detail["errorCode"].string == "render_timeout", "\(detail.text)")
        #expect(detail["errorMessage"].string?.contains("1 second") == true, "\(detail.text)")
        // The limit applies to each image, not to the resizer.
        for photo in try Photos.many(12, width: 640, height: 480, in: folder) {
            #expect(try client.completed(photo)["status"].string == "complete", "\(stack.logText)")
        }
    }

    @Test(
        "Resizers run with the lowest priority, unless the setting is normal",
        arguments: [("idle", "5"), ("normal", "0")])
    func priority(setting: String, policy: String) throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZER_PRIORITY": setting, "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        _ = try stack.account().completed(photo)
        for resizer in stack.pids("resizer") {
            // proc(5), /proc/pid/stat: the 41st field, which is the 39th after the program's name.
            let text = try String(contentsOfFile: "/proc/\(resizer)/stat", encoding: .utf8)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            #expect(fields.dropFirst(38).first.map(String.init) == policy, "\(text)")
        }
        #expect(!stack.pids("resizer").isEmpty)
    }

    @Test("An image that is deleted during its render leaves no files")
    func deleted() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let image = try client.claimed(Photos.jpeg(width: 1600, height: 1200, in: folder))
        #expect(try client.delete("/api/images/\(image)").status == 200)
        kill(resizer, SIGCONT)
        // The resizer stays for 10 minutes, and gets no other request, which would clear its folder.
        #expect(
            eventually {
                !TemporaryFolder.files(below: stack.data + "/run").contains { $0.hasSuffix(".jpg") }
            })
        let next = try client.completed(try Photos.jpeg(width: 800, height: 600, in: folder))
        #expect(next["status"].string == "complete")
        #expect(
            eventually { !stack.storedFiles.contains { $0.contains(image) } },
            "\(stack.storedFiles)")
    }

    @Test("Many uploads of one account delay a single one of another account by at most two jobs")
    func fair() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let busy = try stack.account()
        let single = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(60, width: 640, height: 480, in: folder)
        let resizer = try stack.stopIdleResizer()
        let many = try busy.upload(photos.suffix(32))
        let photo = try Photos.jpeg(width: 700, height: 480, in: folder)
        let image = try #require(try single.upload(photo)["imageId"].string)
        kill(resizer, SIGCONT)
        #expect(many["images"].array.count > 20)
        #expect(try single.finished(image)["status"].string == "complete")
        let order = stack.logText { $0.contains("image \(image) attempt") }
            .matches(of: /image ([0-9a-f-]{36}) attempt/).map { String($0.1) }
        let place = try #require(order.firstIndex(of: image))
        #expect(place <= 2, "\(order.count) jobs, ours at \(place)")
    }

    @Test("While a slow image of one account blocks every thread, other accounts' images complete")
    func spareSlot() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_RENDER_STALL": "300s", "MULTIRES_LEASE": "400s",
        ])
        let slow = try stack.account()
        let other = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(4, width: 640, height: 480, in: folder)
        let resizer = try stack.stopIdleResizer()
        defer { kill(resizer, SIGCONT) }
        let held = try slow.claimed(photos[0])
        let next = try #require(try slow.upload(photos[1])["imageId"].string)
        for photo in photos[2...] {
            #expect(try other.completed(photo)["status"].string == "complete", "\(stack.logText)")
        }
        #expect(try slow.get("/api/images/\(held)/status")["status"].string == "processing")
        #expect(try slow.get("/api/images/\(next)/status")["status"].string == "pending")
        kill(resizer, SIGCONT)
        for image in [held, next] {
            #expect(try slow.finished(image)["status"].string == "complete")
        }
    }

    @Test("While slow images of two accounts render, another account's image completes")
    func spareSlots() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_RENDER_STALL": "300s", "MULTIRES_LEASE": "400s",
        ])
        let accounts = try (0..<4).map { _ in try stack.account() }
        let folder = TemporaryFolder()
        let photos = try Photos.many(4, width: 640, height: 480, in: folder)
        var stopped = [try stack.stopIdleResizer()]
        defer { for resizer in stopped { kill(resizer, SIGCONT) } }
        let first = try accounts[0].claimed(photos[0])
        // This starts a second resizer, which takes the next image.
        #expect(try accounts[1].completed(photos[1])["status"].string == "complete")
        let next = stack.pids("resizer").filter { !stopped.contains($0) }
        #expect(next.count == 1)
        for resizer in next { kill(resizer, SIGSTOP) }
        stopped += next
        let second = try accounts[2].claimed(photos[2])
        let detail = try accounts[3].completed(photos[3])
        #expect(detail["status"].string == "complete", "\(stack.logText)")
        let held = [(accounts[0], first), (accounts[2], second)]
        for (client, image) in held {
            #expect(try client.get("/api/images/\(image)/status")["status"].string == "processing")
        }
        for resizer in stopped { kill(resizer, SIGCONT) }
        for (client, image) in held {
            #expect(try client.finished(image)["status"].string == "complete")
        }
    }

    @Test("A spare thread works only while all images in progress are slow")
    func occupancy() {
        let account = Identifier<Account>()
        let occupancy = Occupancy(threads: 2, spareThreads: 1, slowRender: .zero)
        occupancy.begin(0, for: account)
        #expect(occupancy.excludedFromSpare() == nil, "a thread is free")
        occupancy.begin(1, for: account)
        #expect(occupancy.excludedFromSpare() == [])
        occupancy.end(0)
        #expect(occupancy.excludedFromSpare() == nil)
        occupancy.leave()
        #expect(occupancy.excludedFromSpare() == [account], "the account's last image was slow")
        occupancy.end(1)
        occupancy.leave()
        #expect(occupancy.hasEnded && occupancy.excludedFromSpare() == nil)

        let full = Occupancy(threads: 1, spareThreads: 2, slowRender: .zero)
        let others = (0..<2).map { _ in Identifier<Account>() }
        full.begin(0, for: account)
        full.begin(1, for: others[0])
        #expect(full.excluded(ifYielding: 1) == nil, "a spare thread is free")
        full.begin(2, for: others[1])
        #expect(full.excluded(ifYielding: 0) == nil, "thread 0 is not spare")
        #expect(full.excluded(ifYielding: 1) == nil, "the other spare thread began later")
        full.note(.seconds(1), by: 2)
        #expect(full.excluded(ifYielding: 2) == [])
        full.yield(2)
        #expect(full.excluded(ifYielding: 1) == nil, "one thread that yields is enough")
        full.end(2)
        #expect(full.excludedFromSpare() == [others[1]], "its image was released")

        let quick = Occupancy(threads: 1, spareThreads: 2, slowRender: .seconds(3600))
        quick.begin(0, for: account)
        #expect(quick.excludedFromSpare() == nil, "the thread will soon be free")
        quick.end(0)
        let busy = Occupancy(threads: 1, spareThreads: 2, slowRender: .zero)
        busy.begin(0, for: account)
        busy.begin(1, for: account)
        #expect(busy.excludedFromSpare() == [], "the other spare thread, while the first is slow")
    }

    @Test("A worker that hangs loses its job, and changes nothing when it continues")
    func fenced() throws {
        // The shortest lease that is allowed.
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_LEASE": "25s",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let image = try client.claimed(Photos.jpeg(width: 800, height: 600, in: folder))
        let hung = stack.freeze("resize-worker")
        let second = try Shell.Background(
            Programs.path("resize-worker"), environment: stack.environment)
        let detail = try client.finished(image)
        #expect(detail["status"].string == "complete", "\(detail.text)\n\(second.errors)")
        #expect(detail["attempts"].int == 2)
        let folderOfSizes = "\(stack.data)/media/\(image.suffix(2))/\(image)"
        func made() throws -> Date? {
            try FileManager.default.attributesOfItem(atPath: folderOfSizes)[.modificationDate]
                as? Date
        }
        let before = try made()

        for process in hung + [resizer] { kill(process, SIGCONT) }
        #expect(eventually { stack.logText.contains("its lease was lost") }, "\(stack.logText)")
        let after = try client.get("/api/images/\(image)")
        #expect(after["status"].string == "complete")
        #expect(after["attempts"].int == 2)
        #expect(after["processedAt"] == detail["processedAt"])
        #expect(try made() == before)
    }

    @Test("A slow sweep does not delay images")
    func besideSweep() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let first = stack.freeze("resize-worker")
        // A worker whose sweep hangs when it opens the trash.
        let calls = folder.file("calls")
        let second = try Shell.Background(
            "strace",
            Strace.arguments("openat", inject: "openat:delay_enter=600s", output: calls)
                + ["-P", "\(stack.data)/trash", Programs.path("resize-worker")],
            environment: stack.environment)
        defer {
            for worker in stack.pids("resize-worker") {
                kill(worker, first.contains(worker) ? SIGCONT : SIGKILL)
            }
            // With SIGTERM, strace would wait until the delayed call returns.
            for tracer in stack.pids("strace") { kill(tracer, SIGKILL) }
        }
        let hasBegun = eventually {
            (try? String(contentsOfFile: calls, encoding: .utf8))?.contains("trash") ?? false
        }
        #expect(hasBegun, "\(second.errors)")
        // Two images: a thread looks for jobs when it starts, so it may find the first without a wake-up.
        for photo in try Photos.many(2, width: 640, height: 480, in: folder) {
            let image = try #require(try client.upload(photo)["imageId"].string)
            let isDone = try eventually(within: 120) {
                try client.get("/api/images/\(image)/status")["status"].string == "complete"
            }
            #expect(isDone, "\(second.errors)")
        }
    }

    @Test("Two workers with the same database share the work")
    func secondWorker() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(12, width: 1600, height: 1200, in: folder)
        let first = stack.freeze("resize-worker")
        let many = try client.upload(photos)
        let second = try Shell.Background(
            Programs.path("resize-worker"), ["--resizers", "1"], environment: stack.environment)
        #expect(eventually { second.errors.contains("attempt 1: 4 sizes") }, "\(second.errors)")
        stack.thaw(first)
        let images = many["images"].array.map { $0["imageId"]?.string ?? "" }
        #expect(images.count == 12)
        for image in images { #expect(try client.finished(image)["attempts"].int == 1) }
        #expect(eventually { stack.logText.contains("attempt 1: 4 sizes") })

        let refused = try Shell.run(
            "timeout", ["30", Programs.path("resize-worker"), "--resizers", "many"],
            environment: stack.environment.merging(["MULTIRES_LOG": "text"]) { $1 })
        #expect(refused.status == 1)
        #expect(refused.errors.contains("MULTIRES_RESIZERS: \"many\""))
    }

    @Test("A single image gets all cores, and images of a long queue get one core each")
    func threads() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        _ = try client.completed(Photos.jpeg(width: 800, height: 600, in: folder))
        let photos = try Photos.many(8, width: 640, height: 480, in: folder)
        let workers = stack.freeze("resize-worker")
        let many = try client.upload(photos)
        stack.thaw(workers)
        for image in many["images"].array {
            _ = try client.finished(image["imageId"]?.string ?? "")
        }
        func counts() -> [Int] {
            stack.logText.matches(of: /took [0-9]+ ms on ([0-9]+) thread/).compactMap { Int($0.1) }
        }
        #expect(eventually { counts().count == 9 }, "\(stack.logText)")
        let cores = ProcessInfo.processInfo.activeProcessorCount
        #expect(counts().first == cores)
        // The last ones may get more threads, because no job waits after them.
        #expect(counts().dropFirst().prefix(4).allSatisfy { $0 == 1 }, "\(counts())")
    }

    @Test("A job in progress at SIGTERM is released, costs no attempt, and completes later")
    func handedBack() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        _ = try stack.stopIdleResizer()
        let image = try client.claimed(Photos.jpeg(width: 1600, height: 1200, in: folder))
        for pid in stack.pids("resize-worker") { kill(pid, SIGTERM) }
        let detail = try client.finished(image)
        #expect(detail["status"].string == "complete", "\(stack.logText)")
        #expect(detail["attempts"].int == 1)
    }

    @Test("Requests that wait for a status use at most a quarter of the threads")
    func waiting() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m", "MULTIRES_IMAGE_THREADS": "8",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        let image = try #require(try client.upload(photo)["imageId"].string)
        let answers = Mutex<[String]>([])
        for _ in 0..<6 {
            Thread.detachNewThread {
                let answer = try? client.get("/api/images/\(image)/status?wait=20")
                answers.withLock { $0.append(answer?["status"].string ?? "none") }
            }
        }
        // Two wait, four are answered at once, and other requests are still answered.
        #expect(eventually { answers.withLock { $0.count } == 4 })
        #expect(answers.withLock { $0.allSatisfy { ["pending", "processing"].contains($0) } })
        #expect(try client.get("/api/images")["images"].array.count == 1)
        kill(resizer, SIGCONT)
        #expect(eventually { answers.withLock { $0.count } == 6 })
        #expect(answers.withLock { $0.filter { $0 == "complete" }.count } == 2)
    }

    @Test(
        "An upload to a full queue is refused before it is stored, and accepted after it is empty",
        arguments: [
            ("MULTIRES_QUEUE", 503, "busy"), ("MULTIRES_ACCOUNT_QUEUE", 429, "rate_limited"),
        ])
    func full(_ setting: String, _ status: Int, _ code: String) throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m", setting: "1",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        let photos = try Photos.many(2, width: 640, height: 480, in: folder)
        let image = try #require(try client.upload(photos[0])["imageId"].string)
        let refused = try client.upload(photos[1])
        #expect(refused.status == status)
        #expect(refused.code == code)
        #expect(refused["retryAfter"].int == refused.headers["retry-after"].flatMap { Int($0) })
        #expect(stack.storedFiles.filter { $0.hasPrefix("originals") }.count == 1)
        kill(resizer, SIGCONT)
        #expect(try client.finished(image)["status"].string == "complete")
        #expect(try client.upload(photos[1]).status == 202)
    }

    @Test("With --drain, a worker exits when the queue is empty")
    func drain() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        // The worker of `serve` is stopped, because `serve` would restart a killed one.
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        var images: [String] = []
        for photo in try Photos.many(5, width: 320, height: 240, in: folder) {
            images.append(try #require(try client.upload(photo)["imageId"].string))
        }
        let drained = try stack.drain()
        #expect(drained.status == 0, "\(drained.errors)")
        for image in images {
            let status = try client.get("/api/images/\(image)/status")
            #expect(
                status["status"].string == "complete",
                "\(status.text)\n\(drained.errors)\n\(stack.logText)")
        }
    }

    @Test("Killing an idle resizer costs no attempt")
    func killedIdle() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.stopIdleResizer()
        kill(resizer, SIGKILL)
        #expect(eventually { !stack.pids("resizer").contains(resizer) })
        let detail = try client.completed(try Photos.jpeg(width: 640, height: 480, in: folder))
        #expect(detail["status"].string == "complete")
        #expect(detail["attempts"].int == 1)
    }

    @Test("A resizer survives the end of the thread that started it when another thread uses it")
    func handedOver() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        let small = try Photos.many(12, width: 320, height: 240, in: folder)
        let other = TemporaryFolder()
        let large = try Photos.many(6, width: 1600, height: 1200, in: other)
        for round in 0..<6 {
            // The resizer that became idle last renders the large image. Meanwhile the thread that rendered
            // the other small image finds the queue empty and ends.
            let photos = [small[2 * round], small[2 * round + 1], large[round]]
            let images = try photos.map { try #require(try client.upload($0)["imageId"].string) }
            let drained = try stack.drain(["MULTIRES_RESIZERS": "2"])
            for image in images {
                let status = try client.get("/api/images/\(image)/status")
                #expect(
                    status["status"].string == "complete" && status["attempts"].int == 1,
                    "\(status.text)\n\(drained.errors)")
            }
        }
    }

    @Test("An image that exceeds the memory limit fails, and no other image does")
    func memory() throws {
        let stack = try Stack(settings: [
            "MULTIRES_ATTEMPTS": "1", "MULTIRES_RENDER_MEMORY": "96MB",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        // A progressive JPEG cannot be decoded in strips, and 36 MP need over 100 MB.
        let large = try Photos.converted(
            to: "jpg", width: 6000, height: 6000, options: "interlace", in: folder)
        let detail = try client.completed(large)
        #expect(detail["status"].string == "failed", "\(detail.text)\n\(stack.logText)")
        #expect(
            ["out_of_memory", "resizer_crashed"].contains(detail["errorCode"].string),
            "\(detail.text)")
        let next = try client.completed(try Photos.jpeg(width: 800, height: 600, in: folder))
        #expect(next["status"].string == "complete")
    }
}

extension Stack {
    /// Runs `resize-worker --drain` until it exits.
    fileprivate func drain(_ settings: [String: String] = [:]) throws -> Shell.Output {
        try Shell.run(
            "timeout", ["120", Programs.path("resize-worker"), "--drain"],
            environment: environment.merging(settings) { $1 })
    }
}

extension Client {
    /// Uploads a photo and waits until a worker has claimed it.
    fileprivate func claimed(_ photo: String) throws -> String {
        let image = try #require(try upload(photo)["imageId"].string)
        let isClaimed = try eventually {
            try get("/api/images/\(image)/status")["status"].string == "processing"
        }
        #expect(isClaimed)
        return image
    }
}
