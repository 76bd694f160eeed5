import Foundation
import Support

/// The time from SIGTERM until all programs of an idle stack have exited.
enum StopTimes {
    static func run() throws {
        for gateway in Stack.Gateway.allCases {
            let times = try (0..<20).map { _ in
                let stack = try Stack(gateway)
                _ = try stack.account().get("/api/images")
                // After that, threads and the worker wait, each with its own timeout.
                usleep(.random(in: 1_000_000...2_000_000))
                let begun = Date()
                stack.stop()
                return Date().timeIntervalSince(begun) * 1000
            }
            try Report.add(
                Row(
                    "an idle stack stopped, \(gateway)", unit: "ms", times, "the goal", [300],
                    goal: .atMost(1)))
        }
    }
}
