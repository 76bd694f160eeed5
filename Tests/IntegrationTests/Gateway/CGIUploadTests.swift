import Credentials
import Foundation
import Media
import Model
import Processes
import Settings
import Support
import Testing

/// Uploads without nginx's check before the body: Apache starts the program as CGI, which receives the body
/// on its standard input. The program reads a refused upload to its end, and stores nothing of it.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct CGIUploadTests {
    private static let megabyte = 1_000_000

    private let disk: SmallDisk
    private let harness: CommandHarness
    private let uploads: UploadReservations

    /// Leaves 100 MB free, of which the reserve is 40 MB.
    init() throws {
        Signals.ignoreBrokenPipes()
        disk = try SmallDisk(megabytes: 120)
        harness = try CommandHarness(
            [
                "MULTIRES_DISK_RESERVE": "40MB", "MULTIRES_IMAGE_LIMIT": "20MB",
                "MULTIRES_REQUEST_LIMIT": "20MB",
            ], in: disk.folder)
        uploads = try UploadReservations(Configuration(harness.environment))
        try disk.fill(leaving: 100 * Self.megabyte)
    }

    private func inProgress(_ megabytes: Int) throws -> Bool {
        try eventually { try uploads.reservedBytes() == Int64(megabytes * Self.megabyte) }
    }

    private func isRefused(_ upload: CGIUpload, wait: Int?) throws {
        upload.send(Self.megabyte)
        let (status, json) = try upload.answer()
        #expect(status == 507 && json["code"]?.string == "no_space", "\(json)")
        #expect(json["retryAfter"]?.int == wait, "\(json)")
    }

    private func files() -> [String] { TemporaryFolder.files(below: harness.folders.incoming) }

    @Test(
        "An upload that would use the disk reserve is refused, and nothing of it is stored",
        arguments: ["image/jpeg", "multipart/form-data; boundary=b"])
    func belowReserve(type: String) throws {
        defer { disk.unmount() }
        let ada = try Uploader(harness)
        try disk.fill(leaving: 30 * Self.megabyte)
        try isRefused(ada.begin(Self.megabyte, type), wait: nil)
        // A chunked body has no length, so it counts with the limit.
        try disk.fill(leaving: 55 * Self.megabyte)
        try isRefused(ada.begin(nil, type), wait: nil)
        #expect(files().isEmpty)
    }

    @Test("One account's uploads in progress may use at most a quarter of the free space")
    func oneAccount() throws {
        defer { disk.unmount() }
        let ada = try Uploader(harness)
        let first = try ada.begin(10 * Self.megabyte)
        first.send(1 * Self.megabyte)
        #expect(try inProgress(10))
        try isRefused(ada.begin(10 * Self.megabyte), wait: 5)
        let grace = try Uploader(harness)
        let other = try grace.begin(10 * Self.megabyte)
        #expect(try inProgress(20))
        // Whether killed or answered, an upload releases its reservation.
        first.kill()
        #expect(try inProgress(10))
        #expect(try other.answer().status == 400)
        #expect(try inProgress(0))
        #expect(files().isEmpty, "a file remains, perhaps of the upload that was killed")
        #expect(eventually { disk.free > 95 * Self.megabyte })
    }

    @Test("Unfinished uploads of many accounts never use the disk reserve")
    func manyAccounts() throws {
        defer { disk.unmount() }
        var open: [CGIUpload] = []
        for number in 0..<8 {
            let upload = try Uploader(harness).begin(19 * Self.megabyte)
            if number < 3 {
                #expect(try inProgress(19 * (number + 1)))
                open.append(upload)
            } else {
                try isRefused(upload, wait: 5)
            }
        }
        // All bytes except the last.
        for upload in open { upload.send(19 * Self.megabyte - 1) }
        #expect(eventually { disk.free < 45 * Self.megabyte }, "\(disk.free)")
        #expect(disk.free > 40 * Self.megabyte)
        let late = try Uploader(harness)
        try isRefused(late.begin(19 * Self.megabyte), wait: nil)
        for upload in open { #expect(try upload.answer().status == 400) }
        #expect(files().isEmpty)
        let next = try late.begin(19 * Self.megabyte)
        #expect(try inProgress(19))
        #expect(try next.answer().status == 400)
    }
}

/// An account with an API key.
private struct Uploader {
    private let harness: CommandHarness
    private let key: String

    init(_ harness: CommandHarness) throws {
        self.harness = harness
        let owner = try harness.account("\(UUID().uuidString.lowercased())@example.org")
        let made = APIKey.make()
        key = made.text
        let row = APIKey(
            id: Identifier(), account: owner, name: "test", scopes: [.upload], createdAt: .now(),
            expiresAt: nil)
        _ = try harness.catalog().accounts.add(row, digest: made.digest, limit: 50, by: nil)
    }

    func begin(_ length: Int?, _ type: String = "image/jpeg") throws -> CGIUpload {
        var variables = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
            "REQUEST_URI": "/api/images/upload", "CONTENT_TYPE": type,
            "HTTP_AUTHORIZATION": "Bearer \(key)",
        ]
        variables["CONTENT_LENGTH"] = length.map(String.init)
        return try CGIUpload(harness.environment.merging(variables) { $1 })
    }
}

/// A request to the image responder as a CGI program, whose body a test sends in pieces.
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

    /// As Apache does when the client has closed the connection.
    private func close() {
        guard input >= 0 else { return }
        Glibc.close(input)
        input = -1
    }

    /// Ends the body, and returns the response.
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
