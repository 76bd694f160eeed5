import Foundation
import Support
import Synchronization
import Testing

/// What the tests start programs with.
@Suite struct ShellTests {
    @Test("The end of one program is noticed while others that began with it go on")
    func ends() throws {
        let release = TemporaryFolder()
        let fifos = try (0..<10).map { number in
            let path = release.file("\(number)")
            try Shell.check("mkfifo", [path])
            return path
        }
        let quick = Mutex(0)
        let all = Mutex(0)
        for fifo in fifos {
            Thread.detachNewThread {
                _ = try? Shell.run("cat", [fifo])
                all.withLock { $0 += 1 }
            }
            for _ in 0..<10 {
                Thread.detachNewThread {
                    _ = try? Shell.run("true", [])
                    quick.withLock { $0 += 1 }
                    all.withLock { $0 += 1 }
                }
            }
        }
        #expect(eventually { quick.withLock { $0 } == 100 }, "\(quick.withLock { $0 }) of 100")
        for fifo in fifos { try Data().write(to: URL(fileURLWithPath: fifo)) }
        #expect(eventually { all.withLock { $0 } == 110 })
    }
}
