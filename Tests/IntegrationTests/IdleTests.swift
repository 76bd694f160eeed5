import Foundation
import Processes
import Support
import Testing

/// What an idle service costs, and how quickly it wakes.
@Suite(.serialized) struct IdleTests {
    @Test("An idle worker claims an upload's job at once")
    func wakes() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photos = try Photos.many(20, width: 64, height: 64, in: folder)
        var waits: [Int] = []
        for photo in photos {
            let image = try #require(try client.upload(photo)["imageId"].string)
            _ = try client.finished(image)
            let line = try Regex("image \(image) attempt 1: .* after ([0-9]+) ms")
            let text = stack.logText { $0.contains(line) }
            let match = try #require(text.firstMatch(of: line))
            waits.append(try #require(Int(match[1].substring ?? "")))
        }
        // The promise is 50 ms at the 99th percentile on an idle machine. Here other tests run too.
        #expect(waits.sorted()[waits.count * 9 / 10] < 250, "\(waits)")
    }

    @Test("Resizers exit when there is no work, and one starts again when an upload starts")
    func resizersComeAndGo() throws {
        // Long enough for the test to see the resizer while other tests run.
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "4s"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        #expect(try client.completed(photo)["status"].string == "complete")
        #expect(eventually { stack.pids("resizer").isEmpty })
        let folders = "\(stack.data)/run"
        #expect(
            eventually {
                FileManager.default.enumerator(atPath: folders)?
                    .allSatisfy { ($0 as? String)?.hasSuffix("/out") == false } == true
            }, "the resizer's folder was not removed")
        WorkerWakeup.send(.uploadStarted, to: "\(folders)/listeners")
        #expect(eventually { !stack.pids("resizer").isEmpty })
        #expect(eventually { stack.pids("resizer").isEmpty })
        let other = try Photos.jpeg(width: 320, height: 240, in: folder)
        #expect(try client.completed(other)["status"].string == "complete")
        #expect(try stack.metric(#"multires_resizer_restarts_total{reason="crashed"}"#) == 0)
    }

    @Test("The worker is woken when a large upload starts, but not when a small one does")
    func announced() throws {
        let stack = try Stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let listener = try WorkerWakeup.Listener(
            folder: "\(stack.data)/run/listeners", name: "test")
        // Refused after it is received, so that it sends no other wake-up.
        let letters = folder.file("letters.jpg")
        try Data(repeating: 65, count: 600_000).write(to: URL(fileURLWithPath: letters))
        #expect(try client.upload(letters).status == 415)
        #expect(try listener.wait(atMost: .seconds(10)) == .uploadStarted)
        #expect(try client.upload(Photos.jpeg(width: 64, height: 64, in: folder)).status == 202)
        #expect(try listener.wait(atMost: .seconds(10)) == .jobAdded)
        try Data(repeating: 65, count: 600).write(to: URL(fileURLWithPath: letters))
        #expect(try client.upload(letters).status == 415)
        #expect(try listener.wait(atMost: .zero) == nil)
    }

    @Test("An idle service uses almost no processor time and little memory")
    func idle() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "2s"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        _ = try client.completed(try Photos.jpeg(width: 640, height: 480, in: folder))
        #expect(eventually { stack.pids("resizer").isEmpty })
        let limit = 120_000
        #expect(
            eventually(within: 90) { stack.proportionalKilobytes < limit },
            "\(stack.proportionalKilobytes) KB")

        let before = stack.processorTicks
        Thread.sleep(forTimeInterval: 5)  // what is measured is the passing of time
        let used = stack.processorTicks - before
        // The promise is 1 % of a core: 5 ticks of 10 ms in 5 s. The test allows five times that.
        #expect(used < 25, "\(used) ticks in 5 s")
    }
}

extension Stack {
    private var everyone: [pid_t] {
        ["multires", "nginx", "auth-responder", "image-responder", "resize-worker", "resizer"]
            .flatMap { pids($0) }
    }

    /// The sum of proportional set sizes (proc(5), smaps_rollup), which counts a shared page once.
    var proportionalKilobytes: Int {
        everyone.reduce(0) { sum, pid in
            let text =
                (try? String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8)) ?? ""
            return sum + (text.firstMatch(of: /\nPss: +([0-9]+) kB/).flatMap { Int($0.1) } ?? 0)
        }
    }

    /// User and system time in ticks of 10 ms.
    var processorTicks: Int {
        everyone.reduce(0) { sum, pid in
            let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 12 ? sum + (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : sum
        }
    }
}
