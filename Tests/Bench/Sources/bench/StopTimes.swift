import Foundation
import Support

/// From SIGTERM until an idle stack is gone, all of its programs included.
enum StopTimes {
    static func run() throws {
        for gateway in Stack.Gateway.allCases {
            let times = try (0..<20).map { _ in
                let stack = try Stack(gateway)
                _ = try stack.account().get("/api/images")
                // Threads and the worker then wait, each for its own time.
                usleep(.random(in: 1_000_000...2_000_000))
                let begun = Date()
                stack.stop()
                return Date().timeIntervalSince(begun) * 1000
            }
            try Report.add(
                Row(
                    "an idle stack stopped, \(gateway)", unit: "ms", times, "the promise", [300],
                    goal: .atMost(1)))
        }
    }
}
