import Foundation
import Support

/// wrk on one thread: as many requests as the server can answer, over kept connections.
struct Load {
    /// Responses per second, and the 99th percentile of their times in milliseconds.
    struct Result {
        let perSecond: Double
        let slowest: Double
    }

    let address: String
    var token: String?
    var connections = 32
    var seconds = 3
    /// The path of a Lua script, then `--` and the script's arguments.
    var script: [String] = []

    /// - Throws: when a response is not 2xx or 3xx, or a connection fails.
    func run() throws -> Result {
        var options = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency"]
        if let token { options += ["-H", "Authorization: Bearer \(token)"] }
        if let path = script.first { options += ["--timeout", "30s", "-s", path] }
        let output = try Shell.check("wrk", options + [address] + script.dropFirst())
        guard let rate = output.text.firstMatch(of: /Requests\/sec: +([0-9.]+)/),
            let tail = output.text.firstMatch(of: /99% +([0-9.]+)(us|ms|s)/),
            let perSecond = Double(rate.1), let time = Double(tail.1),
            !output.text.contains("Non-2xx"), !output.text.contains("Socket errors")
        else { throw NotRunning(description: output.text) }
        let scale = ["us": 0.001, "ms": 1, "s": 1000][tail.2] ?? .nan
        return Result(perSecond: perSecond, slowest: time * scale)
    }

    /// Adds a row of responses per second: five rounds of each in turn, after one warm-up round.
    func compare(_ what: String, _ baseline: String, _ other: Load, goal: Goal) throws {
        _ = try (run(), other.run())
        let (ours, theirs) = try inTurn(
            5, { try run().perSecond }, { try other.run().perSecond })
        try Report.add(Row(what, unit: "/s", ours, baseline, theirs, goal: goal))
    }
}
