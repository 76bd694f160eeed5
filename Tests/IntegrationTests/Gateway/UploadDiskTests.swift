import Foundation
import Support
import Testing

/// Bodies that never end take no more of the disk than there is above the reserve.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct UploadDiskTests {
    private static let megabyte = 1_000_000

    private let disk: SmallDisk

    init() throws {
        disk = try SmallDisk(megabytes: 120)
    }

    /// 100 MB, 60 of them above the reserve.
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

    /// Ends before the disk goes.
    private func end(_ stack: Stack) {
        stack.stop()
        disk.unmount()
    }

    /// The head of a request, after which nginx says 100 or refuses.
    private func begin(
        _ client: Client, length: Int?, type: String = "image/jpeg"
    ) throws -> RawConnection {
        let port = try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
        return try .upload(to: port, token: client.token, length: length, type: type)
    }

    /// One that may go on. What ended just before gives its room back when nginx has logged it.
    private func beginAdmitted(_ client: Client, length: Int?) throws -> RawConnection {
        var admitted: RawConnection?
        #expect(
            try eventually {
                let connection = try begin(client, length: length)
                guard connection.receives(RawConnection.goOn) else { return false }
                admitted = connection
                return true
            })
        return try #require(admitted)
    }

    /// - Parameter wait: seconds until it may fit; nil: there is no room for it at all.
    private func isRefused(_ connection: RawConnection, _ word: String, wait: Int?) throws {
        let answer = try connection.refusal()
        answer.expect(507, .problem("no_space"))
        #expect(answer["error"].string?.contains(word) == true, "\(answer.text)")
        #expect(answer["retryAfter"].int == wait, "\(answer.text)")
        #expect(answer.values("retry-after") == (wait.map { [String($0)] } ?? []))
        #expect(answer.values("x-problem-status").isEmpty && answer.values("x-problem").isEmpty)
    }

    @Test(
        "Uploads never ended, of many accounts, leave the reserve, and sign-in goes on",
        arguments: Stack.Gateway.allCases)
    func manyAccounts(_ gateway: Stack.Gateway) throws {
        let stack = try start(gateway)
        defer { end(stack) }
        let megabyte = String(repeating: "x", count: Self.megabyte)
        var open: [RawConnection] = []
        for number in 0..<8 {
            let connection = try begin(stack.account(), length: 19 * Self.megabyte)
            guard number < 3 else {
                try isRefused(connection, "under way", wait: 5)
                continue
            }
            #expect(connection.receives(RawConnection.goOn), "upload \(number)")
            // Ten of its megabytes, which are free no more.
            for _ in 0..<10 { connection.send(megabyte) }
            open.append(connection)
        }
        for connection in open { for _ in 0..<8 { connection.send(megabyte) } }
        #expect(eventually { disk.free < 50 * Self.megabyte }, "\(disk.free)")
        #expect(disk.free > 40 * Self.megabyte)
        _ = try stack.account()
        let health = try stack.client.get("/api/health")
        #expect(health.status == 200)

        // Who hangs up gives the room back.
        let next = try stack.account()
        try isRefused(begin(next, length: 19 * Self.megabyte), "under way", wait: 5)
        open.removeAll()
        _ = try beginAdmitted(next, length: 19 * Self.megabyte)
        #expect(eventually { disk.free > 90 * Self.megabyte })
    }

    @Test(
        "One account has a quarter of the room on its way; another one has its own",
        arguments: Stack.Gateway.allCases)
    func oneAccount(_ gateway: Stack.Gateway) throws {
        let stack = try start(gateway)
        defer { end(stack) }
        let ada = try stack.account()
        let first = try begin(ada, length: 10 * Self.megabyte)
        #expect(first.receives(RawConnection.goOn))
        try isRefused(begin(ada, length: 10 * Self.megabyte), "one account", wait: 5)
        // Its length unknown, one in chunks may have the limit.
        try isRefused(begin(ada, length: nil), "one account", wait: 5)
        // A form is stored twice for a moment.
        let form = "multipart/form-data; boundary=b"
        try isRefused(begin(ada, length: 3 * Self.megabyte, type: form), "one account", wait: 5)
        let second = try begin(ada, length: 3 * Self.megabyte)
        #expect(second.receives(RawConnection.goOn))
        let other = try begin(stack.account(), length: 10 * Self.megabyte)
        #expect(other.receives(RawConnection.goOn))
    }

    @Test("An upload for which there is no room at all is not told to come again")
    func noRoomAtAll() throws {
        let stack = try start()
        defer { end(stack) }
        try disk.fill(leaving: 50 * Self.megabyte)
        let ada = try stack.account()
        try isRefused(begin(ada, length: 19 * Self.megabyte), "out of disk space", wait: nil)
        let first = try begin(ada, length: 5 * Self.megabyte)
        #expect(first.receives(RawConnection.goOn))
        try isRefused(begin(ada, length: 19 * Self.megabyte), "out of disk space", wait: nil)
    }

    @Test("What ends, however it ends, keeps no room: each kind, three times")
    func ends() throws {
        let stack = try start()
        defer { end(stack) }
        let ada = try stack.account()
        let photos = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: photos)
        for number in 0..<3 {
            // Taken: a form, and a body that is the photo.
            #expect([200, 202].contains(try ada.upload(photo).status))
            #expect(
                try [200, 202].contains(
                    ada.request(
                        "POST", "/api/images/upload", body: .file(photo, type: "image/jpeg")
                    ).status))
            // Refused by the responder: no picture, no such method, the token ended meanwhile.
            for (method, status) in [("POST", 415), ("PUT", 405)] {
                let answer = try stack.ask(
                    method, "/api/images/upload",
                    ["Authorization: Bearer \(ada.token ?? "")", "Content-Type: image/jpeg"],
                    body: "no picture")
                #expect(answer.status == status)
            }
            // Refused by nginx: more in chunks than the limit.
            let long = try beginAdmitted(ada, length: nil)
            long.send("2000000\r\nx")
            try long.answer().expect(413, .problem("too_large"))
            // Gone.
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

    @Test("A body that nginx has no room for is 507, not a time to wait")
    func nginx() throws {
        let stack = try start()
        defer { end(stack) }
        let ada = try stack.account()
        let connection = try begin(ada, length: 19 * Self.megabyte)
        #expect(connection.receives(RawConnection.goOn))
        // Somebody else fills the disk meanwhile.
        try disk.fill(leaving: 2 * Self.megabyte)
        let megabyte = String(repeating: "x", count: Self.megabyte)
        for _ in 0..<19 where !connection.send(megabyte) { break }
        let answer = try connection.refusal()
        answer.expect(507, .problem("no_space"))
        #expect(answer["retryAfter"] == .null, "\(answer.text)")
    }
}
