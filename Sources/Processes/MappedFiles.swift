import Glibc

/// The programs and libraries that this process has mapped. Create it before the process is sandboxed, and
/// read it when everything is loaded.
public struct MappedFiles: ~Copyable {
    private let maps: FileDescriptor

    public init() throws {
        maps = try FileDescriptor(opening: "/proc/self/maps", O_RDONLY)
    }

    /// The paths of files with executable mappings, sorted. A path is at the end of a line (proc(5), maps).
    public func paths() throws -> [String] {
        var bytes: [UInt8] = []
        while case let more = try maps.read(upTo: 1 << 16), !more.isEmpty { bytes += more }
        let paths = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> String? in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count == 6, fields[1].contains(UInt8(ascii: "x")) else { return nil }
            let path = fields[5].drop { $0 == UInt8(ascii: " ") }
            return path.first == UInt8(ascii: "/") ? String(decoding: path, as: UTF8.self) : nil
        }
        return Set(paths).sorted()
    }
}

/// Shows whether files on which a program depends were replaced, by inode, size and modification time.
public struct FileVersions: Sendable, Codable, Equatable {
    /// After a boot, another kernel may allow something else.
    private let boot: String
    private let files: [String: String]

    public init(of paths: [String]) {
        boot = BootClock.bootID
        files = Dictionary(
            paths.map { ($0, Self.version($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether no file was replaced and the machine was not rebooted.
    public var areCurrent: Bool { self == FileVersions(of: Array(files.keys)) }

    private static func version(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "missing" }
        let time = status.st_mtim
        return "\(status.st_ino) \(status.st_size) \(time.tv_sec).\(time.tv_nsec)"
    }
}
