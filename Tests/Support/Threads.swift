import Foundation

extension Thread {
    /// Runs `body` in a new thread; the number of threads has no limit. The returned closure waits until the
    /// thread has finished, and returns or throws its result.
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

    /// The processor time that this thread has used; other work of the machine does not count.
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

/// Runs `body` in `count` threads at once and waits for all. Throws the first error in the threads' order.
public func atOnce<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    let running = (0..<count).map { index in Thread.running { try body(index) } }
    return try running.map { end in Result { try end() } }.map { try $0.get() }
}
