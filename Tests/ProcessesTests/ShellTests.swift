import Foundation
import Support
import Synchronization
import Testing

/// `Shell`, which the tests use to start programs.
@Suite struct ShellTests {
    @Test("The exit of a program is noticed while others that started with it still run")
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

    @Test("A program gets its input, and output of any length is returned")
    func streams() throws {
        let bytes = Array(String(repeating: "line\n", count: 100_000).utf8)
        let output = try Shell.run("tee", ["/dev/stderr"], input: bytes)
        #expect(output.status == 0)
        #expect(output.bytes == bytes)
        #expect(Array(output.errors.utf8) == bytes)
        #expect(try Shell.run("cat", []).bytes.isEmpty)
    }

    @Test("A program is found in the given PATH and runs in the given folder")
    func paths() throws {
        let folder = TemporaryFolder()
        let bin = try folder.folder("bin")
        try Shell.check("ln", ["-s", "/bin/pwd", bin + "/where"])
        let output = try Shell.run(
            "where", [], environment: ["PATH": bin + ":/usr/bin:/bin"], folder: folder.path)
        #expect(output.text == folder.path + "\n")
    }
}
