import Foundation
import Processes
import Synchronization

/// Loopback ports for the servers that tests start. No port is handed out twice, also not by parallel test
/// runs: each process claims blocks of ports until it exits, as `free_port` in Tests/BrowserTests does. All
/// ports are below those that the kernel picks for outgoing connections (ip(7), ip_local_port_range: 32768
/// and up), so that no connection takes one before the server listens.
public enum FreePort {
    private static let first = 12_000
    private static let blockSize = 50
    private static let blocks = 400

    private struct State {
        var block = Int.random(in: 0..<blocks)
        /// Ports of the block that are not handed out yet.
        var left = 0..<0
    }
    private static let state = Mutex(State())

    /// A port on which no process listens now.
    public static func next() throws -> Int {
        try state.withLock { state in
            for _ in 0..<blocks * blockSize {
                if state.left.isEmpty { try claimBlock(&state) }
                let port = state.left.removeFirst()
                if isFree(port) { return port }
            }
            throw SystemError("bind", "a free port")
        }
    }

    private static func claimBlock(_ state: inout State) throws {
        for _ in 0..<blocks {
            state.block = (state.block + 1) % blocks
            if try claim(state.block) {
                let begin = first + state.block * blockSize
                state.left = begin..<begin + blockSize
                return
            }
        }
        throw SystemError("claim", "a block of ports")
    }

    /// Claims a block by an abstract socket address (unix(7)). The kernel keeps these per network namespace,
    /// as it does ports, regardless of the root folder, and releases them when this process exits.
    private static func claim(_ block: Int) throws -> Bool {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket", "a block of ports") }
        let name = "multires-test-ports-\(block)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes[(offset + 1)...].copyBytes(from: name.utf8)
        }
        let length = socklen_t(offset + 1 + name.utf8.count)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0
            }
        }
        if !isBound { close(number) }
        return isBound
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let number = try? bound(to: port) else { return false }
        close(number)
        return true
    }

    /// A socket that listens on a port of this machine. The caller closes it.
    public static func listener(on port: Int) throws -> Int32 {
        let number = try bound(to: port)
        guard listen(number, 1) == 0 else {
            close(number)
            throw SystemError("listen", "port \(port)")
        }
        return number
    }

    private static func bound(to port: Int) throws -> Int32 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let error = SystemError("bind", "port \(port)")
            close(number)
            throw error
        }
        return number
    }
}
