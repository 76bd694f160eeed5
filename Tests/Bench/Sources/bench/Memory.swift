import Foundation
import Support

/// The memory of the service: at rest, with 64 clients at once, and after a million requests.
enum Memory {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let client = try stack.account()
        let photos = try Photos.many(50, width: 4032, height: 3024, in: folder)
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, stack)
        // The goal is for one minute later.
        Thread.sleep(forTimeInterval: 60)
        let everyone = [
            "multires", "nginx", "auth-responder", "image-responder", "resize-worker", "resizer",
        ].flatMap(stack.pids)
        try Report.add(
            Row(
                "memory of all processes (PSS), a minute after 50 images", unit: "MB",
                [everyone.reduce(0) { $0 + megabytes("smaps_rollup", "Pss", of: $1) }],
                "the goal", [120], goal: .atMost(1)))

        guard let image = try client.get("/api/images?limit=1")["images"].array.first?["id"]?.string
        else { throw NotRunning(description: "no image in the list") }
        try grow(
            "image-responder", of: stack, from: 100_000, to: 1_000_000,
            by: ["/api/images/\(image)/status", "/api/images?limit=5"], client)
        try grow(
            "auth-responder", of: stack, from: 30_000, to: 300_000, by: ["/api/auth/me"], client)
        stack.stop()
    }

    /// 64 clients request each path in turn until `few` and then `many` requests have been answered.
    private static func grow(
        _ program: String, of stack: Stack, from few: Int, to many: Int, by paths: [String],
        _ client: Client
    ) throws {
        guard let pid = stack.pids(program).first else { throw NotRunning(description: program) }
        var answered = 0
        func ask(until count: Int) throws -> Double {
            while answered < count {
                for path in paths {
                    var load = Load(address: stack.client.base + path, token: client.token)
                    load.connections = 64
                    answered += Int(try load.run().perSecond) * load.seconds
                }
            }
            return megabytes("status", "VmRSS", of: pid)
        }
        let early = try ask(until: few)
        let late = try ask(until: many)
        try Report.add(
            Row(
                "memory of \(program), 64 clients, most", unit: "MB",
                [megabytes("status", "VmHWM", of: pid)], "the goal", [40], goal: .atMost(1)))
        try Report.add(
            Row(
                "memory of \(program) after \(many) requests", unit: "MB", [late],
                "after \(few)", [early], goal: .atMost(1.1)))
    }
}

/// A field of /proc/PID/`file` that is in kB (proc(5)), in MB.
func megabytes(_ file: String, _ field: String, of pid: pid_t) -> Double {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return (kilobytes.flatMap { Double($0) } ?? 0) * 1024 / 1_000_000
}
