import Foundation
import Support
import Testing

/// Unfinished uploads never use the disk reserve.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct UploadDiskTests {
    private static let megabyte = 1_000_000

    private let disk: SmallDisk

    init() throws {
        disk = try SmallDisk(megabytes: 120)
    }

    /// Leaves 100 MB free, of which the reserve is 40 MB.
    private func start(_ gateway: Stack.Gateway = .fastcgi) throws -> Stack {
        let stack = try Stack(
            gateway, in: disk.folder,
            settings: [
                "MULTIRES_CORS_ORIGINS": GatewayStack.origin, "MULTIRES_DISK_RESERVE": "40MB",
                "MULTIRES_IMAGE_LIMIT": "20MB", "MULTIRES_REQUEST_LIMIT": "20MB",
            ])
        try disk.fill(leaving: 100 * Self.megabyte)
        return stack
    }

    /// Stops the stack before it unmounts the disk.
    private func end(_ stack: Stack) {
        stack.stop()
        disk.unmount()
    }

    /// Sends the head of an upload, which nginx answers with 100 Continue or a refusal.
    private func begin(
        _ client: Client, length: Int?, type: String = "image/jpeg"
    ) throws -> RawConnection {
        let port = try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
        return try .upload(to: port, token: client.token, length: length, type: type)
    }

    /// Begins an upload until one is admitted. An upload that has just ended releases its reservation only
    /// when nginx has logged it.
    private func beginAdmitted(_ client: Client, length: Int?) throws -> RawConnection {
        var admitted: RawConnection?
        #expect(
            try eventually {
                let connection = try begin(client, length: length)
                guard connection.receives(RawConnection.continueResponse) else { return false }
                admitted = connection
                return true
            })
        return try #require(admitted)
    }

    /// - Parameter wait: the seconds in `retryAfter`; nil when the upload cannot fit at all.
    private func isRefused(_ connection: RawConnection, _ word: String, wait: Int?) throws {
        let answer = try connection.refusal()
        answer.expect(507, .problem("no_space"))
        #expect(answer["error"].string?.contains(word) == true, "\(answer.text)")
        #expect(answer["retryAfter"].int == wait, "\(answer.text)")
        #expect(answer.values("retry-after") == (wait.map { [String($0)] } ?? []))
        #expect(answer.values("x-problem-status").isEmpty && answer.values("x-problem").isEmpty)
    }

    @Test(
        "Unfinished uploads of many accounts never use the disk reserve, and sign-in keeps working",
        arguments: Stack.Gateway.allCases)
    func manyAccounts(_ gateway: Stack.Gateway) throws {
        let stack = try start(gateway)
        defer { end(stack) }
        let megabyte = String(repeating: "x", count: Self.megabyte)
        var open: [RawConnection] = []
        for number in 0..<8 {
            let connection = try begin(stack.account(), length: 19 * Self.megabyte)
            guard number < 3 else {
                try isRefused(connection, "in progress", wait: 5)
                continue
            }
            #expect(connection.receives(RawConnection.continueResponse), "upload \(number)")
            // Ten of its megabytes, so that these are no longer free.
            for _ in 0..<10 { connection.send(megabyte) }
            open.append(connection)
        }
        for connection in open { for _ in 0..<8 { connection.send(megabyte) } }
        #expect(eventually { disk.free < 50 * Self.megabyte }, "\(disk.free)")
        #expect(disk.free > 40 * Self.megabyte)
        _ = try stack.account()
        let health = try stack.client.get("/api/health")
        #expect(health.status == 200)

        // A client that closes its connection releases its reservation.
        let next = try stack.account()
        try isRefused(begin(next, length: 19 * Self.megabyte), "in progress", wait: 5)
        open.removeAll()
        _ = try beginAdmitted(next, length: 19 * Self.megabyte)
        #expect(eventually { disk.free > 90 * Self.megabyte })
    }

    @Test(
        "One account's uploads in progress may use at most a quarter of the free space",
        arguments: Stack.Gateway.allCases)
    func oneAccount(_ gateway: Stack.Gateway) throws {
        let stack = try start(gateway)
        defer { end(stack) }
        let ada = try stack.account()
        let first = try begin(ada, length: 10 * Self.megabyte)
        #expect(first.receives(RawConnection.continueResponse))
        try isRefused(begin(ada, length: 10 * Self.megabyte), "one account", wait: 5)
        // A chunked body has no length, so it counts with the limit.
        try isRefused(begin(ada, length: nil), "one account", wait: 5)
        // A form is stored twice for a moment.
        let form = "multipart/form-data; boundary=b"
        try isRefused(begin(ada, length: 3 * Self.megabyte, type: form), "one account", wait: 5)
        let second = try begin(ada, length: 3 * Self.megabyte)
        #expect(second.receives(RawConnection.continueResponse))
        let other = try begin(stack.account(), length: 10 * Self.megabyte)
        #expect(other.receives(RawConnection.continueResponse))
    }

    @Test("An upload that cannot fit at all is refused without a time to retry")
    func noRoomAtAll() throws {
        let stack = try start()
        defer { end(stack) }
        try disk.fill(leaving: 50 * Self.megabyte)
        let ada = try stack.account()
        try isRefused(begin(ada, length: 19 * Self.megabyte), "out of disk space", wait: nil)
        let first = try begin(ada, length: 5 * Self.megabyte)
        #expect(first.receives(RawConnection.continueResponse))
        try isRefused(begin(ada, length: 19 * Self.megabyte), "out of disk space", wait: nil)
    }

    @Test("Every upload releases its reservation, whether it succeeds, fails or is cut off")
    func ends() throws {
        let stack = try start()
        defer { end(stack) }
        let ada = try stack.account()
        let photos = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: photos)
        for number in 0..<3 {
            // Accepted: a form, and a raw body.
            #expect([200, 202].contains(try ada.upload(photo).status))
            #expect(
                try [200, 202].contains(
                    ada.request(
                        "POST", "/api/images/upload", body: .file(photo, type: "image/jpeg")
                    ).status))
            // Refused by the responder: not an image, a wrong method.
            for (method, status) in [("POST", 415), ("PUT", 405)] {
                let answer = try stack.ask(
                    method, "/api/images/upload",
                    ["Authorization: Bearer \(ada.token ?? "")", "Content-Type: image/jpeg"],
                    body: "no picture")
                #expect(answer.status == status)
            }
            // Refused by nginx: a chunked body over the limit.
            let long = try beginAdmitted(ada, length: nil)
            long.send("2000000\r\nx")
            try long.answer().expect(413, .problem("too_large"))
            // Cut off: the client closes the connection.
            _ = try beginAdmitted(ada, length: 19 * Self.megabyte)
            var metrics = ""
            let isFree = try eventually {
                metrics = try stack.client.get("/metrics").text
                return metrics.contains("\nmultires_upload_reserved_bytes 0\n")
            }
            #expect(isFree, "\(number): \(metrics.suffix(300))")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: stack.data + "/run")
            .filter { $0.hasPrefix("ended-uploads") || $0.hasPrefix("uploads") }
        for file in files {
            let bytes = try Data(contentsOf: .init(fileURLWithPath: "\(stack.data)/run/\(file)"))
            #expect(bytes.count <= 1024, "\(file)")
        }
    }

    @Test("A body that nginx cannot store gets 507, without a time to retry")
    func nginx() throws {
        let stack = try start()
        defer { end(stack) }
        let ada = try stack.account()
        let connection = try begin(ada, length: 19 * Self.megabyte)
        #expect(connection.receives(RawConnection.continueResponse))
        // Another program fills the disk meanwhile.
        try disk.fill(leaving: 2 * Self.megabyte)
        let megabyte = String(repeating: "x", count: Self.megabyte)
        for _ in 0..<19 where !connection.send(megabyte) { break }
        let answer = try connection.refusal()
        answer.expect(507, .problem("no_space"))
        #expect(answer["retryAfter"] == .null, "\(answer.text)")
    }
}
