/// Until when an answer must be taken: a client that reads a byte now and then holds a thread as one that
/// reads none does. Besides the timeout, which counts from the first byte, every byte earns some time.
struct SendDeadline {
    /// Bytes a second: a tenth of what a slow mobile network gives, so that whoever reads at all gets
    /// the answer.
    static let slowest = 16_384

    private let timeout: Duration
    private let began = ContinuousClock.now
    private var bytes = 0

    init(timeout: Duration) {
        self.timeout = timeout
    }

    /// What is left of the time; zero or less when it is over.
    var remaining: Duration {
        timeout + .seconds(Double(bytes) / Double(Self.slowest)) - (ContinuousClock.now - began)
    }

    mutating func count(_ sent: Int) { bytes += sent }
}
