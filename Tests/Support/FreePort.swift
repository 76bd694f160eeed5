import Foundation
import Processes
import Synchronization

/// Ports of loopback for what a test starts. None is handed out twice by one run, and none is of those
/// that the kernel picks for outgoing connections (ip(7), ip_local_port_range: 32768 and up), so
/// that nobody takes it in between.
public enum FreePort {
    private static let range = 12_000..<32_000
    /// Runs beside each other, and one after the other, begin at different places.
    private static let last = Mutex(Int.random(in: range))

    /// A port nobody listens on now.
    public static func next() throws -> Int {
        try last.withLock { port in
            for _ in range {
                port = port + 1 < range.upperBound ? port + 1 : range.lowerBound
                if isFree(port) { return port }
            }
            throw SystemError("bind", "a free port")
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
