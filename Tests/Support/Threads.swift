import Foundation

extension Thread {
    /// Begins `body` in a thread of its own, of which there are as many as one asks for; what is
    /// returned waits for its end.
    public static func running<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) -> () throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Value>()
        Thread {
            box.result = Result { try body() }
            done.signal()
        }.start()
        return {
            done.wait()
            return try box.result!.get()  // because the semaphore is signalled after it is set
        }
    }

    /// What this thread has had of a processor: what the machine does beside it does not count.
    public static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    // because the semaphore orders the one write before the one read
    private final class Box<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}

/// Runs `body` in so many threads at once and waits for all; throws the first error of any.
public func atOnce<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    let running = (0..<count).map { index in Thread.running { try body(index) } }
    return try running.map { end in Result { try end() } }.map { try $0.get() }
}
