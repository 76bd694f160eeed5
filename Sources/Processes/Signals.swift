import CLinux
import Glibc

/// Receives signals by waiting for them and not by a handler. Block them before the first thread starts; then
/// one thread waits for all of them.
public struct Signals: Sendable {
    private let numbers: [Int32]

    /// Blocks the signals in this thread and in every thread that it starts from now on.
    public init(blocking numbers: [Int32]) {
        self.numbers = numbers
        var set = Self.set(of: numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next signal; nil if `timeout` expires first.
    public func next(within timeout: Duration) -> Int32? {
        var set = Self.set(of: numbers)
        let milliseconds = timeout.pollMilliseconds
        var time = timespec(
            tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        let signal = sigtimedwait(&set, nil, &time)
        return signal > 0 ? signal : nil
    }

    /// Waits for the next signal, without a time limit.
    public func next() -> Int32 {
        var set = Self.set(of: numbers)
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// A descriptor that is readable while one of them is pending, to wait for several descriptors at once.
    /// `next` takes the signal.
    public func descriptor() throws -> FileDescriptor {
        var set = Self.set(of: numbers)
        let number = multires_signal_descriptor(&set)
        guard number >= 0 else { throw SystemError("signalfd", "") }
        return FileDescriptor(owning: number)
    }

    /// From now on, writing to a closed pipe or socket fails with EPIPE and does not kill this process.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// This process gets the signal when the thread that started it exits, so that nothing outlives `serve`.
    public static func endWithParent(by signal: Int32 = SIGTERM) {
        _ = multires_die_with_parent(signal)
    }

    private static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
