/// How much a child may spend on one piece of work. Its processor time counts, so that the same work has
/// the same outcome on an idle and on a busy machine; the two other limits end a child that hangs.
///
/// Ask `excess` at least once a second while the child works.
public struct WorkBudget {
    public struct Limits: Sendable {
        /// Of processor time, of all its threads.
        public var processor: Duration
        /// Without using any processor time. A child that only waits for its turn gets some: the kernel
        /// runs even SCHED_IDLE processes several times a second (sched(7)).
        public var stall: Duration
        /// In all, whatever it does.
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

    /// A look that comes late says nothing about the child: this process may have been stopped too, or
    /// the whole machine.
    private static let longestLook = Duration.seconds(1)

    /// From now on. For the next piece of work, make another one.
    public init(of child: ChildProcess, _ limits: Limits) {
        self.child = child
        self.limits = limits
        start = child.processorTime ?? .zero
    }

    /// What the child has used up; nil while it may continue. A child that has exited uses nothing.
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
