/// The time within which the client must read a response: one that reads slowly holds a thread just as one
/// that reads nothing. It is the timeout, counted from the first byte, plus some time for each byte sent.
struct SendDeadline {
    /// Bytes a second. A tenth of the rate of a slow mobile network, so that every client that keeps reading
    /// gets the whole response.
    static let slowest = 16_384

    private let timeout: Duration
    private let began = ContinuousClock.now
    private var bytes = 0

    init(timeout: Duration) {
        self.timeout = timeout
    }

    /// The time left; zero or less when it has passed.
    var remaining: Duration {
        timeout + .seconds(Double(bytes) / Double(Self.slowest)) - (ContinuousClock.now - began)
    }

    mutating func count(_ sent: Int) { bytes += sent }
}
