import Dispatch
import Foundation
import Processes

/// Threads that exit together. The kernel kills a child process when the thread that started it exits
/// (prctl(2), PR_SET_PDEATHSIG), and another thread may use that resizer by then. So each thread waits for
/// all others before it exits.
final class ThreadGroup: Sendable {
    private let group = DispatchGroup()
    private let ends: PipeEnds

    init() throws {
        ends = try PipeEnds()
    }

    var isRunning: Bool { group.wait(timeout: .now()) == .timedOut }

    /// A descriptor that is readable after a thread has finished its work, until `clearEnded` is called.
    var ended: Int32 { ends.reading.number }

    func clearEnded() throws {
        while try ends.reading.isReadable(within: .zero) { _ = try ends.reading.read() }
    }

    func start(_ body: @escaping @Sendable () -> Void) {
        group.enter()
        Thread {
            body()
            self.group.leave()
            try? self.ends.writing.write([1])
            self.group.wait()
        }.start()
    }
}
