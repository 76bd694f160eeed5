import Glibc
import Processes
import Support
import Testing

@Suite struct WorkBudgetTests {
    private let hour = Duration.seconds(3600)

    @Test("A busy child exceeds its processor time, and a later budget counts from its own start")
    func processor() throws {
        let child = try ChildProcess("sh", ["-c", "while :; do :; done"], environment: [:])
        defer { end(child) }
        var budget = WorkBudget(
            of: child, .init(processor: .milliseconds(200), stall: hour, total: hour))
        #expect(budget.excess() == nil)
        #expect(eventually(within: 300) { budget.excess() != nil })
        #expect(budget.excess() == .processor)
        #expect(budget.used > .milliseconds(200))
        var next = WorkBudget(of: child, .init(processor: hour, stall: hour, total: hour))
        #expect(next.excess() == nil)
        #expect(next.used < budget.used)
    }

    @Test("An idle child exceeds its time without progress")
    func stall() throws {
        let limits = WorkBudget.Limits(
            processor: hour, stall: .milliseconds(300), total: hour)
        let idle = try ChildProcess("sleep", ["600"], environment: [:])
        defer { end(idle) }
        var budget = WorkBudget(of: idle, limits)
        #expect(budget.excess() == nil)
        #expect(eventually { budget.excess() == .stall })
        #expect(budget.used < .seconds(5))
    }

    @Test("A late check does not count as time without progress")
    func lateLook() throws {
        let child = try ChildProcess("sleep", ["600"], environment: [:])
        defer { end(child) }
        var budget = WorkBudget(
            of: child, .init(processor: hour, stall: .seconds(2), total: hour))
        _ = budget.excess()  // It may still be starting.
        let moment = ContinuousClock.now
        _ = eventually { .now - moment > .seconds(3) }
        #expect(budget.excess() == nil)
    }

    @Test("A child exceeds its total time, regardless of what it does")
    func total() throws {
        let child = try ChildProcess("sleep", ["600"], environment: [:])
        defer { end(child) }
        var budget = WorkBudget(
            of: child, .init(processor: hour, stall: hour, total: .milliseconds(200)))
        #expect(eventually { budget.excess() == .total })
    }

    @Test("A child that has exited and been waited for has no processor time")
    func exited() throws {
        let child = try ChildProcess("true", [], environment: [:])
        child.wait()
        #expect(child.processorTime == nil)
    }

    private func end(_ child: ChildProcess) {
        child.send(SIGKILL)
        child.wait()
    }
}
