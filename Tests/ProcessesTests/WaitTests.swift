import Foundation
import Processes
import Support
import Synchronization
import Testing

@Suite("Interruptible waits")
struct WaitTests {
    @Test("Threads are interrupted while they wait for work, and in no other call")
    func interruption() throws {
        let threads = InterruptibleThreads()
        let pipe = try PipeEnds()
        let reading = pipe.reading.number
        let isReading = Atomic(false)
        let worker = Thread.running {
            threads.run {
                let wait = threads.wait { poll(nil, 0, -1) < 0 ? errno : 0 }
                isReading.store(true, ordering: .releasing)
                var byte: UInt8 = 0
                return (wait, read(reading, &byte, 1))
            }
        }
        // At first the thread may not wait yet; afterwards it reads.
        #expect(
            eventually {
                threads.interrupt()
                return isReading.load(ordering: .acquiring)
            })
        for _ in 0..<50 {
            threads.interrupt()
            usleep(1000)
        }
        try pipe.writing.write([1])
        let (wait, count) = try worker()
        #expect(wait == EINTR)
        #expect(count == 1)
        threads.interrupt()  // No thread is left to interrupt.
    }

    @Test("A pending signal ends the wait for a wake-up and stays pending")
    func signal() throws {
        let folder = TemporaryFolder()
        let (waited, signal) = try Thread.running {
            let signals = Signals(blocking: [SIGUSR1])
            let listener = try WorkerWakeup.Listener(folder: folder.path, name: "listener")
            let pending = try signals.descriptor()
            func wait(_ time: Duration) throws -> Bool {
                try FileDescriptor.wait(for: [listener.number, pending.number], atMost: time)
            }
            #expect(try !wait(.zero))
            #expect(try !pending.isReadable(within: .zero))
            let started = ContinuousClock.now
            pthread_kill(pthread_self(), SIGUSR1)
            #expect(try wait(.seconds(60)) && listener.received() == nil)
            #expect(try pending.isReadable(within: .zero))
            return (ContinuousClock.now - started, signals.next(within: .zero))
        }()
        #expect(waited < .seconds(30))
        #expect(signal == SIGUSR1)
    }
}
