import Foundation
import Support

/// /health while 200 clients have sent only part of a request. The baseline is the same without them.
enum SlowClients {
    static func run() throws {
        let stack = try Stack()
        let token = try stack.account().token ?? ""
        let alone = try (0..<5).map { _ in try slowest(on: stack) }
        let slow = try (0..<200).map { number in
            let connection = try RawConnection(port: stack.port)
            connection.send(
                number % 2 == 0
                    ? "GET /api/limits HTTP/1.1\r\nHos"
                    : "POST /api/images/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)"
                        + "\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\nabc")
            return connection
        }
        let beside = try (0..<5).map { _ in try slowest(on: stack) }
        withExtendedLifetime(slow) {}
        try Report.add(
            Row(
                "/health beside 200 slow clients, p99", unit: "ms", beside, "without them", alone,
                goal: .less))
    }

    /// The 99th percentile of 1,000 requests, each on a new connection, in milliseconds.
    private static func slowest(on stack: Stack) throws -> Double {
        let clock = ContinuousClock()
        let times = try (0..<1000).map { _ in
            try clock.measure {
                guard try RawConnection.exchange(stack.port, "GET", "/health").status == 200 else {
                    throw NotRunning(description: stack.logText)
                }
            }
        }
        return times.sorted()[990] / .milliseconds(1)
    }
}
