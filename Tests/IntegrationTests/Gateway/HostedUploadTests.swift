import Credentials
import Foundation
import Media
import Model
import Processes
import Settings
import Support
import Testing

/// Uploads where no nginx asks before the body: Apache starts the program as CGI, and it receives the
/// body from its standard input. Of an upload that is refused it still reads all, and stores nothing.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct HostedUploadTests {
    private static let megabyte = 1_000_000

    private let disk: SmallDisk
    private let ground: Ground
    private let uploads: UploadReservations

    /// 100 MB, 60 of them above the reserve.
    init() throws {
        Signals.ignoreBrokenPipes()
        disk = try SmallDisk(megabytes: 120)
        ground = try Ground(
            [
                "MULTIRES_DISK_RESERVE": "40MB", "MULTIRES_IMAGE_LIMIT": "20MB",
                "MULTIRES_REQUEST_LIMIT": "20MB",
            ], in: disk.folder)
        uploads = try UploadReservations(Configuration(ground.environment))
        try disk.fill(leaving: 100 * Self.megabyte)
    }

    private func underWay(_ megabytes: Int) throws -> Bool {
        try eventually { try uploads.bytesUnderWay() == Int64(megabytes * Self.megabyte) }
    }

    private func isRefused(_ upload: CGIUpload, wait: Int?) throws {
        upload.send(Self.megabyte)
        let (status, json) = try upload.answer()
        #expect(status == 507 && json["code"]?.string == "no_space", "\(json)")
        #expect(json["retryAfter"]?.int == wait, "\(json)")
    }

    private func files() -> [String] { TemporaryFolder.files(below: ground.folders.incoming) }

    @Test(
        "Below the reserve an upload is refused, and nothing of it is stored",
        arguments: ["image/jpeg", "multipart/form-data; boundary=b"])
    func belowReserve(type: String) throws {
        defer { disk.unmount() }
        let ada = try Uploader(ground)
        try disk.fill(leaving: 30 * Self.megabyte)
        try isRefused(ada.begin(Self.megabyte, type), wait: nil)
        // One in chunks has no length; it may have the limit.
        try disk.fill(leaving: 55 * Self.megabyte)
        try isRefused(ada.begin(nil, type), wait: nil)
        #expect(files().isEmpty)
    }

    @Test("One account has a quarter of the room on its way; another one has its own")
    func oneAccount() throws {
        defer { disk.unmount() }
        let ada = try Uploader(ground)
        let first = try ada.begin(10 * Self.megabyte)
        first.send(1 * Self.megabyte)
        #expect(try underWay(10))
        try isRefused(ada.begin(10 * Self.megabyte), wait: 5)
        let grace = try Uploader(ground)
        let other = try grace.begin(10 * Self.megabyte)
        #expect(try underWay(20))
        // Ended in whatever way, they give the room back.
        first.kill()
        #expect(try underWay(10))
        #expect(try other.answer().status == 400)
        #expect(try underWay(0))
        #expect(files().isEmpty, "those of one that was killed too")
        #expect(eventually { disk.free > 95 * Self.megabyte })
    }

    @Test("Uploads never ended, of many accounts, leave the reserve")
    func manyAccounts() throws {
        defer { disk.unmount() }
        var open: [CGIUpload] = []
        for number in 0..<8 {
            let upload = try Uploader(ground).begin(19 * Self.megabyte)
            if number < 3 {
                #expect(try underWay(19 * (number + 1)))
                open.append(upload)
            } else {
                try isRefused(upload, wait: 5)
            }
        }
        // All but the last of their bytes.
        for upload in open { upload.send(19 * Self.megabyte - 1) }
        #expect(eventually { disk.free < 45 * Self.megabyte }, "\(disk.free)")
        #expect(disk.free > 40 * Self.megabyte)
        let late = try Uploader(ground)
        try isRefused(late.begin(19 * Self.megabyte), wait: nil)
        for upload in open { #expect(try upload.answer().status == 400) }
        #expect(files().isEmpty)
        let next = try late.begin(19 * Self.megabyte)
        #expect(try underWay(19))
        #expect(try next.answer().status == 400)
    }
}

/// An account with a key.
private struct Uploader {
    private let ground: Ground
    private let key: String

    init(_ ground: Ground) throws {
        self.ground = ground
        let owner = try ground.account("\(UUID().uuidString.lowercased())@example.org")
        let made = APIKey.make()
        key = made.text
        let row = APIKey(
            id: Identifier(), account: owner, name: "test", scopes: [.upload], createdAt: .now(),
            expiresAt: nil)
        _ = try ground.catalog().accounts.add(row, digest: made.digest, limit: 50, by: nil)
    }

    func begin(_ length: Int?, _ type: String = "image/jpeg") throws -> CGIUpload {
        var variables = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
            "REQUEST_URI": "/api/images/upload", "CONTENT_TYPE": type,
            "HTTP_AUTHORIZATION": "Bearer \(key)",
        ]
        variables["CONTENT_LENGTH"] = length.map(String.init)
        return try CGIUpload(ground.environment.merging(variables) { $1 })
    }
}

/// A request to the image responder as a CGI program, whose body comes as slowly as a test likes.
private final class CGIUpload {
    private let folder = TemporaryFolder()
    private let process: ChildProcess
    private var input: Int32

    init(_ environment: [String: String]) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        input = ends[1]
        let output = try FileDescriptor(opening: folder.file("out"), O_WRONLY | O_CREAT)
        process = try ChildProcess(
            Programs.path("image-responder"), environment: environment,
            descriptors: [0: ends[0], 1: output.number])
        Glibc.close(ends[0])
    }

    deinit {
        kill()
    }

    func send(_ count: Int) {
        var rest = [UInt8](repeating: 0x78, count: count)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    func kill() {
        process.send(SIGKILL)
        process.wait()
        close()
    }

    /// As Apache does when the client has gone.
    private func close() {
        guard input >= 0 else { return }
        Glibc.close(input)
        input = -1
    }

    /// What it says when no more of the body comes.
    func answer() throws -> (status: Int, json: JSON) {
        close()
        #expect(eventually { process.hasEnded })
        let text = try String(contentsOfFile: folder.file("out"), encoding: .utf8)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let status = parts[0].firstMatch(of: /Status: ([0-9]+)/).flatMap { Int($0.1) }
        let json = try? JSONDecoder().decode(JSON.self, from: Data((parts.last ?? "").utf8))
        return (status ?? 200, json ?? .null)
    }
}
