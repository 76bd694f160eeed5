import Dispatch
import Foundation
import Processes

/// Threads that end together. The kernel ends a child with the thread that started it (prctl(2),
/// PR_SET_PDEATHSIG), and a resizer may be another thread's by then: so each waits for all others.
final class WorkerThreads: Sendable {
    private let group = DispatchGroup()
    private let ends: PipeEnds

    init() throws {
        ends = try PipeEnds()
    }

    var areAtWork: Bool { group.wait(timeout: .now()) == .timedOut }

    /// Can be read when a thread's work has ended; `takeEnds` takes that.
    var ended: Int32 { ends.reading.number }

    func takeEnds() throws {
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
