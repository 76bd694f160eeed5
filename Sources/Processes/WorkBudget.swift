/// How much a child process may spend on one piece of work. Its processor time is limited, so that the same
/// work has the same result on an idle and on a busy machine. The two other limits detect a child that hangs.
///
/// Call `excess` at least once a second while the child works.
public struct WorkBudget {
    public struct Limits: Sendable {
        /// Processor time of all its threads.
        public var processor: Duration
        /// Time without using the processor. A child that only waits for a processor still gets some time:
        /// the kernel runs even SCHED_IDLE processes several times a second (sched(7)).
        public var stall: Duration
        /// Total time, regardless of what the child does.
        public var total: Duration

        public init(processor: Duration, stall: Duration, total: Duration) {
            self.processor = processor
            self.stall = stall
            self.total = total
        }
    }

    public enum Excess: Hashable, Sendable { case processor, stall, total }

    private let child: ChildProcess
    private let limits: Limits
    private let start: Duration
    private let begun = ContinuousClock.now
    private var lastLook = ContinuousClock.now
    private var idle = Duration.zero
    /// Processor time since this budget was made.
    public private(set) var used = Duration.zero

    /// A late call of `excess` adds at most this to the idle time: this process, or the whole machine, may
    /// have been stopped as well.
    private static let longestLook = Duration.seconds(1)

    /// Starts now. Create a new budget for the next piece of work.
    public init(of child: ChildProcess, _ limits: Limits) {
        self.child = child
        self.limits = limits
        start = child.processorTime ?? .zero
    }

    /// The limit that the child has exceeded; nil while it may continue. A child that has exited uses no
    /// further processor time.
    public mutating func excess() -> Excess? {
        let now = ContinuousClock.now
        let total = (child.processorTime ?? start + used) - start
        idle = total > used ? .zero : idle + min(now - lastLook, Self.longestLook)
        lastLook = now
        used = max(used, total)
        if used > limits.processor { return .processor }
        if idle > limits.stall { return .stall }
        return now - begun > limits.total ? .total : nil
    }
}
