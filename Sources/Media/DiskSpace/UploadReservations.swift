import Glibc
import Model
import Processes
import Settings

/// Uploads in progress and the disk space that each will take, in a file that all responders share.
/// `UploadSpace` has the rule. The file need not survive a power cut: after a boot it starts empty.
///
/// The file has rows of 256 bytes of text. The first has the boot's id, and each other row is an upload:
/// request id, account, bytes, start (`BootClock`), and the process that receives it or 0. A row is removed
/// when its request is answered (`end`), when nginx reports that the request has ended (`ended-uploads`),
/// when its process has exited, or when its lifetime has expired, so that no row reserves space forever.
public final class UploadReservations {
    /// More than nginx has connections. When all rows are used, further uploads are refused.
    private static let mostRows = 8192
    private static let rowBytes = 256
    /// A file that was changed this recently may still be written: nginx waits 15 s between two reads of a
    /// body, and buffers 64 KB of it in memory.
    private static let stillWritten = Duration.seconds(60)

    private let folders: DataFolders
    private let reserve: Int64
    private let share: Int
    private let lifetime: Duration
    private let lock: FileLock

    private struct Row {
        let request: String
        let account: String
        let bytes: Int64
        let started: Int64
        let process: pid_t
    }

    /// Use one instance per thread.
    public init(_ configuration: Configuration) throws {
        folders = configuration.folders
        reserve = configuration.diskReserve
        share = configuration.uploadShare
        lifetime = configuration.uploadReservation
        lock = try FileLock(path: folders.uploads + ".lock")
    }

    /// Reserves space for an upload. A request that has a reservation keeps it unchanged. Throws
    /// `MediaError.noSpace` if too little is free, `MediaError.spaceReserved` if other uploads in progress have
    /// reserved it, and `MediaError.accountShareUsed` if the account's uploads have reserved too much.
    ///
    /// - Parameter process: the process that receives the upload; nil if a web server does.
    public func reserve(
        _ bytes: Int64, for account: Identifier<Account>, request: String, process: pid_t? = nil
    ) throws {
        try storing {
            try lock.lock(.exclusive)
            defer { lock.unlock() }
            let rows = try liveRows()
            if rows.contains(where: { $0.request == request }) { return }
            guard rows.count < Self.mostRows else { throw MediaError.noSpace }
            switch try verdict(bytes, account.text, among: rows) {
            case .fits: break
            case .noSpace: throw MediaError.noSpace
            case .spaceReserved: throw MediaError.spaceReserved
            case .accountShareUsed: throw MediaError.accountShareUsed
            }
            try write(
                rows + [
                    Row(
                        request: request, account: account.text, bytes: bytes,
                        started: BootClock.milliseconds(), process: process ?? 0)
                ])
        }
    }

    /// Removes the reservation of a request. Succeeds if there is none.
    public func end(_ request: String) throws {
        try lock.lock(.exclusive)
        defer { lock.unlock() }
        let rows = try read()
        let others = rows.filter { $0.request != request }
        if others.count < rows.count { try write(others) }
    }

    /// Bytes reserved by all uploads in progress.
    public func reservedBytes() throws -> Int64 {
        try lock.lock(.exclusive)
        defer { lock.unlock() }
        return try liveRows().reduce(0) { $0 + $1.bytes }
    }

    private func verdict(
        _ bytes: Int64, _ account: String, among rows: [Row]
    ) throws -> UploadSpace.Verdict {
        let room = UploadSpace(
            free: try Files.freeBytes(in: folders.root), reserve: reserve, share: share)
        let inProgress = rows.reduce(0) { $0 + $1.bytes }
        let own = rows.reduce(0) { $0 + ($1.account == account ? $1.bytes : 0) }
        // Reads how much has already been written only if that can change the verdict.
        let verdict = room.verdict(for: bytes, inProgress: inProgress, own: own, written: 0)
        guard verdict != .fits, inProgress > 0 else { return verdict }
        return room.verdict(
            for: bytes, inProgress: inProgress, own: own, written: try writtenBytes())
    }

    /// Bytes on disk of the files that nginx is writing, whose names are ten digits.
    private func writtenBytes() throws -> Int64 {
        let oldest = Timestamp.now() - Self.stillWritten
        return try Files.names(in: folders.incoming).reduce(0) { sum, name in
            guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let status = try Files.status("\(folders.incoming)/\(name)"),
                Int64(status.st_mtim.tv_sec) * 1000 > oldest.milliseconds
            else { return sum }
            return sum + Int64(status.st_blocks) * 512
        }
    }

    /// The rows of uploads in progress. Removes the others from the file.
    private func liveRows() throws -> [Row] {
        let rows = try read()
        let ended = try takeEnded()
        let oldest = BootClock.milliseconds() - lifetime.wholeSeconds * 1000
        let gone = Set(rows.map(\.process)).filter {
            $0 != 0 && kill($0, 0) != 0 && errno == ESRCH
        }
        // If a web server kills a CGI program, no other process removes what that had received.
        for process in gone { try IncomingFile.removeAll(of: process, in: folders) }
        let live = rows.filter { row in
            !ended.contains(row.request) && row.started > oldest && !gone.contains(row.process)
        }
        if live.count < rows.count { try write(live) }
        return live
    }

    /// Ids of requests that nginx ended itself (log-uploads.conf). nginx opens the file for each line, so it
    /// creates a new one after this has moved the file away.
    private func takeEnded() throws -> Set<String> {
        let taken = folders.endedUploads + ".taken"
        guard (try? Files.move(folders.endedUploads, to: taken)) != nil else { return [] }
        defer { unlink(taken) }
        let file = try FileDescriptor(opening: taken, O_RDONLY)
        var text: [UInt8] = []
        while case let more = try file.read(), !more.isEmpty { text += more }
        return Set(
            text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
    }

    private var header: String { "multires uploads 1 \(BootClock.bootID)" }

    /// Empty if there is no file yet, or if it is from another boot or version.
    private func read() throws -> [Row] {
        guard access(folders.uploads, F_OK) == 0 else { return [] }
        let file = try FileDescriptor(opening: folders.uploads, O_RDONLY)
        var bytes: [UInt8] = []
        while case let more = try file.read(), !more.isEmpty { bytes += more }
        let rows = stride(from: 0, to: bytes.count, by: Self.rowBytes).map { start in
            String(decoding: bytes[start..<min(start + Self.rowBytes, bytes.count)], as: UTF8.self)
                .split(whereSeparator: { $0 == " " || $0 == "\n" })
        }
        guard rows.first?.joined(separator: " ") == header else { return [] }
        return rows.dropFirst().compactMap { fields in
            guard fields.count == 5, let bytes = Int64(fields[2]), let started = Int64(fields[3]),
                let process = pid_t(fields[4])
            else { return nil }
            return Row(
                request: String(fields[0]), account: String(fields[1]), bytes: bytes,
                started: started, process: process)
        }
    }

    private func write(_ rows: [Row]) throws {
        let lines =
            [header]
            + rows.map { "\($0.request) \($0.account) \($0.bytes) \($0.started) \($0.process)" }
        let text = lines.flatMap { line in
            Array(line.utf8) + [UInt8](repeating: 0x20, count: Self.rowBytes - 1 - line.utf8.count)
                + [0x0A]
        }
        let file = try FileDescriptor(opening: folders.uploads, O_WRONLY | O_CREAT)
        try file.write(text)
        guard ftruncate(file.number, off_t(text.count)) == 0 else {
            throw SystemError("ftruncate", folders.uploads)
        }
    }
}
