import Foundation
import Processes
import Support
import Testing

@Suite struct ProcessesTests {
    @Test("A child's exit status can be read any number of times")
    func ends() throws {
        let child = try ChildProcess("sh", ["-c", "exit 7"], environment: [:])
        #expect(child.wait() == .exited(7))
        #expect(child.poll() == .exited(7))
        #expect(child.hasEnded)
        let killed = try ChildProcess("sleep", ["60"], environment: [:])
        #expect(killed.poll() == nil)
        killed.send(SIGKILL)
        #expect(killed.wait() == .killed(signal: SIGKILL))
    }

    @Test("A child gets the environment and descriptors it is given, and no others")
    func inherits() throws {
        let secret = try FileDescriptor(opening: "/dev/null", O_RDONLY)
        let ends = try PipeEnds()
        let child = try ChildProcess(
            "/usr/bin/env", ["ls", "/proc/self/fd"], environment: ["ONLY": "this"],
            descriptors: [1: ends.writing.number])
        child.wait()
        let listed = String(decoding: try ends.reading.read(), as: UTF8.self)
        let descriptors = Set(listed.split(separator: "\n").compactMap { Int32($0) })
        // The standard ones, and the folder that ls reads.
        #expect(descriptors.isSubset(of: [0, 1, 2, 3]))
        #expect(secret.number >= 0)
    }

    @Test("A missing program is an error, not a child that exits")
    func missing() {
        #expect(throws: SystemError.self) {
            _ = try ChildProcess("/nowhere/program", environment: [:])
        }
    }

    @Test("A lock excludes others, even in the same process, and ends with its holder")
    func locks() throws {
        let folder = TemporaryFolder()
        let second = try FileLock(path: folder.file("lock"))
        do {
            let first = try FileLock(path: folder.file("lock"))
            try first.lock(.exclusive)
            #expect(try !second.tryLock(.exclusive))
            #expect(try !second.tryLock(.shared))
            first.unlock()
            #expect(try second.tryLock(.shared))
            #expect(try first.tryLock(.shared))
            second.unlock()
        }
        #expect(try second.tryLock(.exclusive))
    }

    @Test("A wake-up reaches every listener, and sockets without a listener are removed")
    func listeners() throws {
        let folder = TemporaryFolder()
        let first = try WorkerWakeup.Listener(folder: folder.path, name: "first")
        do {
            let second = try WorkerWakeup.Listener(folder: folder.path, name: "second")
            WorkerWakeup.send(.jobAdded, to: folder.path)
            WorkerWakeup.send(.jobAdded, to: folder.path)
            WorkerWakeup.send(.uploadStarted, to: folder.path)
            // Wake-ups that arrive together are received as one, the most urgent.
            #expect(try first.wait(atMost: .seconds(10)) == .jobAdded)
            #expect(try first.wait(atMost: .zero) == nil)
            #expect(try second.wait(atMost: .seconds(10)) == .jobAdded)
            WorkerWakeup.send(.uploadStarted, to: folder.path)
            #expect(try first.wait(atMost: .seconds(10)) == .uploadStarted)
        }
        try Data().write(to: URL(fileURLWithPath: folder.file("no socket")))
        // As a killed listener leaves it: the file remains, but no process has its socket open.
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        #expect(withUnixAddress(folder.file("abandoned")) { bind(number, $0, $1) } == 0)
        close(number)
        WorkerWakeup.send(.jobAdded, to: folder.path)
        #expect(try first.wait(atMost: .seconds(10)) == .jobAdded)
        #expect(!FileManager.default.fileExists(atPath: folder.file("abandoned")))
    }

    @Test("The boot clock advances, and the boot has an id")
    func clock() {
        let before = BootClock.milliseconds()
        #expect(eventually(within: 10) { BootClock.milliseconds() > before })
        #expect(BootClock.bootID.count == 36)
    }

    @Test("A port that has a listener is not free")
    func ports() throws {
        let port = try FreePort.next()
        #expect(LocalPort.obstacle("127.0.0.1", port) == 0)
        #expect(LocalPort.obstacle("192.0.2.1", port) == EADDRNOTAVAIL)
        let listener = try FreePort.listener(on: port)
        defer { close(listener) }
        #expect(LocalPort.obstacle("127.0.0.1", port) == EADDRINUSE)
        #expect(LocalPort.obstacle("::", port) == EADDRINUSE, "`::` includes IPv4")
    }

    @Test("A server notices a cut request and answers instead of waiting for the rest")
    func cutRequest() throws {
        let port = try FreePort.next()
        let listener = try FreePort.listener(on: port)
        defer { close(listener) }
        let server = Thread.running { () -> Int in
            let connection = accept(listener, nil, nil)
            defer { close(connection) }
            var (buffer, count) = ([UInt8](repeating: 0, count: 64), 0)
            while true {
                let received = recv(connection, &buffer, buffer.count, 0)
                guard received > 0 else { break }
                count += received
            }
            _ = send(connection, "seen", 4, Int32(MSG_NOSIGNAL))
            return count
        }
        #expect(LocalPort.answer(to: "half", isCut: true, "127.0.0.1", port) == "seen")
        #expect(try server() == 4)
    }
}
