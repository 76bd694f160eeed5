import Foundation
import Model
import Support
import Synchronization
import Testing

@testable import resize_worker

/// What becomes of pictures that crash or hang their resizer, and of others meanwhile.
@Suite(.serialized) struct WorkerTests {
    @Test(
        "A picture that ends or stops its resizer is given up, with the reason; retried, it completes",
        arguments: [
            (SIGKILL, "resizer_crashed", "signal 9"),
            (SIGSTOP, "render_timeout", "no progress for 10 seconds"),
            (SIGXCPU, "render_timeout", "more than 20 seconds of processor time"),
        ])
    func givenUp(_ signal: Int32, _ code: String, _ words: String) throws {
        let stack = try Stack(settings: [
            // One that takes too long is given up at once, though attempts are left.
            "MULTIRES_ATTEMPTS": signal == SIGKILL ? "1" : "3", "MULTIRES_RENDER_STALL": "10s",
            "MULTIRES_RENDER_SECONDS": "20", "MULTIRES_RESIZERS": "1",
            "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
        let image = try client.claimed(Photos.jpeg(width: 640, height: 480, in: folder))
        kill(resizer, signal)
        if signal == SIGXCPU { kill(resizer, SIGCONT) }  // Until then it stands still.

        let detail = try client.finished(image)
        #expect(detail["status"].string == "failed", "\(detail.text)\n\(stack.logText)")
        #expect(detail["attempts"].int == 1)
        let reason = detail["errorMessage"].string ?? ""
        #expect(detail["errorCode"].string == code)
        #expect(reason.contains(words), "\(reason)")

        let retried = try client.post("/api/images/\(image)/retry")
        #expect(retried.status == 202)
        #expect(try client.finished(image)["status"].string == "complete")
        let refused = try client.post("/api/images/\(image)/retry")
        #expect(refused.status == 409)
        #expect(refused.code == "not_failed")
    }

    @Test("An image's time is the processor's: one that has to wait for it completes")
    func processorTime() throws {
        // Less than the time that its resizer stands still.
        let stack = try Stack(settings: [
            "MULTIRES_RENDER_SECONDS": "2", "MULTIRES_RESIZERS": "1",
            "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
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

    @Test("An image that needs more processor time than is allowed is given up")
    func tooMuchWork() throws {
        let stack = try Stack(settings: ["MULTIRES_RENDER_SECONDS": "1"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let strip = try Photos.pixels(width: 600, height: 600 * 20, in: folder)
        let animation = folder.file("animation.gif")
        try Photos.vips(["gifsave", strip, animation, "--page-height", "600"])
        let detail = try client.completed(animation)
        #expect(detail["errorCode"].string == "render_timeout", "\(detail.text)")
        #expect(detail["errorMessage"].string?.contains("1 second") == true, "\(detail.text)")
        // The next ones have their own time.
        for photo in try Photos.many(12, width: 640, height: 480, in: folder) {
            #expect(try client.completed(photo)["status"].string == "complete", "\(stack.logText)")
        }
    }

    @Test(
        "Resizers leave the processors to everything else, unless the setting says normal",
        arguments: [("idle", "5"), ("normal", "0")])
    func priority(setting: String, policy: String) throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZER_PRIORITY": setting, "MULTIRES_RESIZER_IDLE": "10m",
        ])
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        _ = try stack.account().completed(photo)
        for resizer in stack.pids("resizer") {
            // proc(5), /proc/pid/stat: the 41st field, or the 39th behind the program's name.
            let text = try String(contentsOfFile: "/proc/\(resizer)/stat", encoding: .utf8)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            #expect(fields.dropFirst(38).first.map(String.init) == policy, "\(text)")
        }
        #expect(!stack.pids("resizer").isEmpty)
    }

    @Test("Deleting an image while it is worked on leaves nothing")
    func deleted() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
        let image = try client.claimed(Photos.jpeg(width: 1600, height: 1200, in: folder))
        #expect(try client.delete("/api/images/\(image)").status == 200)
        kill(resizer, SIGCONT)
        // Sooner than an idle resizer is replaced, and before another order clears its folder.
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

    @Test("One account's many uploads hold another's single one back by two jobs at most")
    func fair() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let busy = try stack.account()
        let single = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(60, width: 640, height: 480, in: folder)
        let resizer = try stack.holdResizer()
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

    @Test("While one account's picture takes long in every slot, another's are done; its own wait")
    func spareSlot() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_RENDER_STALL": "300s", "MULTIRES_LEASE": "400s",
        ])
        let slow = try stack.account()
        let other = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(4, width: 640, height: 480, in: folder)
        let resizer = try stack.holdResizer()
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

    @Test("While slow pictures of two accounts are in work, a third account's are done")
    func spareSlots() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_RENDER_STALL": "300s", "MULTIRES_LEASE": "400s",
        ])
        let accounts = try (0..<4).map { _ in try stack.account() }
        let folder = TemporaryFolder()
        let photos = try Photos.many(4, width: 640, height: 480, in: folder)
        var stopped = [try stack.holdResizer()]
        defer { for resizer in stopped { kill(resizer, SIGCONT) } }
        let first = try accounts[0].claimed(photos[0])
        // The second resizer, which takes the next picture once it is there.
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

    @Test("A spare slot is free only while each picture has been in work for that long")
    func occupancy() {
        let account = Identifier<Account>()
        let occupancy = Occupancy(slots: 2, spareSlots: 1, slowRender: .zero)
        occupancy.begin(0, for: account)
        #expect(occupancy.excludedFromSpare() == nil, "one is free")
        occupancy.begin(1, for: account)
        #expect(occupancy.excludedFromSpare() == [])
        occupancy.end(0)
        #expect(occupancy.excludedFromSpare() == nil)
        occupancy.leave()
        #expect(occupancy.excludedFromSpare() == [account], "its last picture was slow")
        occupancy.end(1)
        occupancy.leave()
        #expect(occupancy.hasEnded && occupancy.excludedFromSpare() == nil)

        let full = Occupancy(slots: 1, spareSlots: 2, slowRender: .zero)
        let others = (0..<2).map { _ in Identifier<Account>() }
        full.begin(0, for: account)
        full.begin(1, for: others[0])
        #expect(full.excluded(ifYielding: 1) == nil, "a spare one is free")
        full.begin(2, for: others[1])
        #expect(full.excluded(ifYielding: 0) == nil, "it is not spare")
        #expect(full.excluded(ifYielding: 1) == nil, "the other one began later")
        full.note(.seconds(1), by: 2)
        #expect(full.excluded(ifYielding: 2) == [])
        full.yield(2)
        #expect(full.excluded(ifYielding: 1) == nil, "one is enough")
        full.end(2)
        #expect(full.excludedFromSpare() == [others[1]], "it handed its image back")

        let quick = Occupancy(slots: 1, spareSlots: 2, slowRender: .seconds(3600))
        quick.begin(0, for: account)
        #expect(quick.excludedFromSpare() == nil, "it will soon be free")
        quick.end(0)
        let busy = Occupancy(slots: 1, spareSlots: 2, slowRender: .zero)
        busy.begin(0, for: account)
        busy.begin(1, for: account)
        #expect(busy.excludedFromSpare() == [], "another spare one, while the first is slow too")
    }

    @Test("A worker that hangs loses its job, and changes nothing when it wakes")
    func fenced() throws {
        // The shortest lease that there may be.
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m",
            "MULTIRES_LEASE": "25s",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
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

    @Test("A sweep that takes long holds no picture back")
    func besideSweep() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let first = stack.freeze("resize-worker")
        // One whose sweep stands still where it looks into the trash.
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
            // It would wait for the call that it delays.
            for tracer in stack.pids("strace") { kill(tracer, SIGKILL) }
        }
        let hasBegun = eventually {
            (try? String(contentsOfFile: calls, encoding: .utf8))?.contains("trash") ?? false
        }
        #expect(hasBegun, "\(second.errors)")
        // Two, since the first may be found without a ring, as everybody looks once at the start.
        for photo in try Photos.many(2, width: 640, height: 480, in: folder) {
            let image = try #require(try client.upload(photo)["imageId"].string)
            let isDone = try eventually(within: 120) {
                try client.get("/api/images/\(image)/status")["status"].string == "complete"
            }
            #expect(isDone, "\(second.errors)")
        }
    }

    @Test("A second worker on the same database takes its share of the work")
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
        #expect(refused.errors.contains("MULTIRES_RESIZERS is \"many\""))
    }

    @Test("A picture alone gets all cores, those of a deep queue one each")
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
            stack.logText.matches(of: /took [0-9]+ ms on ([0-9]+) threads/).compactMap { Int($0.1) }
        }
        #expect(eventually { counts().count == 9 }, "\(stack.logText)")
        let cores = ProcessInfo.processInfo.activeProcessorCount
        #expect(counts().first == cores)
        // The last ones have nobody waiting behind them any more.
        #expect(counts().dropFirst().prefix(4).allSatisfy { $0 == 1 }, "\(counts())")
    }

    @Test(
        "SIGTERM hands the job in hand back: it counts as no attempt, and is done after the restart"
    )
    func handedBack() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        _ = try stack.holdResizer()
        let image = try client.claimed(Photos.jpeg(width: 1600, height: 1200, in: folder))
        for pid in stack.pids("resize-worker") { kill(pid, SIGTERM) }
        let detail = try client.finished(image)
        #expect(detail["status"].string == "complete", "\(stack.logText)")
        #expect(detail["attempts"].int == 1)
    }

    @Test("Requests that wait for a status take a quarter of the threads at most")
    func waiting() throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m", "MULTIRES_IMAGE_THREADS": "8",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        let image = try #require(try client.upload(photo)["imageId"].string)
        let answers = Mutex<[String]>([])
        for _ in 0..<6 {
            Thread.detachNewThread {
                let answer = try? client.get("/api/images/\(image)/status?wait=20")
                answers.withLock { $0.append(answer?["status"].string ?? "none") }
            }
        }
        // Two wait, four are answered at once; everything else goes on beside them.
        #expect(eventually { answers.withLock { $0.count } == 4 })
        #expect(answers.withLock { $0.allSatisfy { ["pending", "processing"].contains($0) } })
        #expect(try client.get("/api/images")["images"].array.count == 1)
        kill(resizer, SIGCONT)
        #expect(eventually { answers.withLock { $0.count } == 6 })
        #expect(answers.withLock { $0.filter { $0 == "complete" }.count } == 2)
    }

    @Test(
        "A queue that is full refuses before anything is stored, and takes more when it has emptied",
        arguments: [
            ("MULTIRES_QUEUE", 503, "busy"), ("MULTIRES_ACCOUNT_QUEUE", 429, "rate_limited"),
        ])
    func full(_ setting: String, _ status: Int, _ code: String) throws {
        let stack = try Stack(settings: [
            "MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m", setting: "1",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
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

    @Test("--drain works until the queue is empty, then ends")
    func drain() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        // `serve` would start its own worker again: held, it takes no job.
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

    @Test("A resizer that is killed while it has nothing to do costs no attempt")
    func killedIdle() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let resizer = try stack.holdResizer()
        kill(resizer, SIGKILL)
        #expect(eventually { !stack.pids("resizer").contains(resizer) })
        let detail = try client.completed(try Photos.jpeg(width: 640, height: 480, in: folder))
        #expect(detail["status"].string == "complete")
        #expect(detail["attempts"].int == 1)
    }

    @Test("A resizer outlives the thread that started it, when another has it by then")
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
            // While the last is in work, by the one of two resizers that was idle last, the thread that
            // had the other picture ends.
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

    @Test("A picture that overruns its memory costs that picture alone")
    func memory() throws {
        let stack = try Stack(settings: [
            "MULTIRES_ATTEMPTS": "1", "MULTIRES_RENDER_MEMORY": "96MB",
        ])
        let client = try stack.account()
        let folder = TemporaryFolder()
        // Progressive: it cannot be streamed, and 36 MP take over 100 MB.
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
    /// Runs `resize-worker --drain` to its end.
    fileprivate func drain(_ settings: [String: String] = [:]) throws -> Shell.Output {
        try Shell.run(
            "timeout", ["120", Programs.path("resize-worker"), "--drain"],
            environment: environment.merging(settings) { $1 })
    }
}

extension Client {
    /// Uploads a photo and waits until a worker has taken it on.
    fileprivate func claimed(_ photo: String) throws -> String {
        let image = try #require(try upload(photo)["imageId"].string)
        let isClaimed = try eventually {
            try get("/api/images/\(image)/status")["status"].string == "processing"
        }
        #expect(isClaimed)
        return image
    }
}
