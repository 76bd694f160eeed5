import Foundation
import Support
import Testing

/// The reserved file, which gives deletions the space that they need when no byte is free.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct ReservedSpaceTests
{
    @Test(
        "With no byte free, any number of images can be deleted, also after sign-ins",
        arguments: ["wal", "truncate"])
    func deletions(journal: String) throws {
        // Space for only a few deletions, so that later ones need the space that earlier ones free.
        let service = try SmallDiskService([
            "MULTIRES_BALLAST": "1MB", "MULTIRES_JOURNAL": journal,
        ])
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let images = try Photos.many(24, width: 30, height: 20, in: pictures).map {
            try #require(try client.upload($0)["imageId"].string)
        }
        for image in images { _ = try client.finished(image) }
        // The workers are stopped, so that no sweep makes the reserved file again meanwhile.
        let workers = stack.freeze("resize-worker")
        for image in images {
            for _ in 0..<3 {
                try disk.fill(leaving: 0)
                let signedIn = try service.signIn()
                #expect([200, 507].contains(signedIn.status), "\(signedIn.text)")
            }
            try disk.fill(leaving: 0)
            let deleted = try client.delete("/api/images/\(image)")
            #expect(deleted.status == 200, "\(deleted.text)")
        }
        stack.thaw(workers)
        disk.empty()
        #expect(
            eventually {
                var status = stat()
                return stat(stack.data + "/reserved", &status) == 0 && status.st_size >= 1_000_000
            }, "the reserved file was not made again")
    }

    @Test(
        "With no byte free, sessions and keys can be revoked and the password changed",
        arguments: ["wal", "truncate"])
    func endings(journal: String) throws {
        let service = try SmallDiskService([
            "MULTIRES_BALLAST": "1MB", "MULTIRES_JOURNAL": journal,
        ])
        defer { service.end() }
        let (disk, stack) = (service.disk, service.stack)
        var client = service.client
        let rounds = 6
        let tokens = try (0..<rounds).map { _ in
            try #require(try service.signIn()["refreshToken"].string)
        }
        let keys = try (0..<rounds).map { number in
            let made = try client.post(
                "/api/auth/keys",
                json: #"{"name": "\#(number)", "scopes": ["read"], "expiresAt": null}"#)
            return try #require(made["id"].string)
        }
        let others = try (0..<rounds).map { _ in try service.signIn() }
        let ids = try client.get("/api/auth/sessions")["sessions"].array
            .filter { $0["current"] == .bool(false) }.compactMap { $0["id"]?.string }
        // The newest sessions are those of `others`.
        try #require(ids.count >= 2 * rounds)
        let workers = stack.freeze("resize-worker")
        for round in 0..<rounds {
            try disk.fill(leaving: 0)
            let revoked = try client.delete("/api/auth/keys/\(keys[round])")
            #expect(revoked.status == 204, "\(revoked.text)")
            try disk.fill(leaving: 0)
            let ended = try client.delete("/api/auth/sessions/\(ids[round])")
            #expect(ended.status == 204, "\(ended.text)")
            try disk.fill(leaving: 0)
            let out = try stack.client.post(
                "/api/auth/logout", json: #"{"refreshToken": "\#(tokens[round])"}"#)
            #expect(out.status == 204, "\(out.text)")
        }
        #expect(try client.get("/api/auth/keys")["keys"].array.isEmpty)
        for other in others {
            let gone = Client(base: stack.client.base, token: other["accessToken"].string)
            #expect(try gone.get("/api/auth/me").status == 401)
        }
        try disk.fill(leaving: 0)
        let changed = try client.post(
            "/api/auth/password",
            json: """
                {"currentPassword": "correct horse battery", "newPassword": "another horse battery"}
                """)
        #expect(changed.status == 200, "\(changed.text)")
        client.token = changed["accessToken"].string
        try disk.fill(leaving: 0)
        #expect(try client.post("/api/auth/logout-all").status == 204)
        #expect(try client.get("/api/auth/me").status == 401)
        stack.thaw(workers)
    }

    @Test("The reserved file is made again as far as there is space, also without a daemon")
    func madeAgain() throws {
        let disk = try SmallDisk(megabytes: 64)
        // More than is ever free here.
        let harness = try CommandHarness(["MULTIRES_DISK_RESERVE": "50MB"], in: disk.folder)
        defer { disk.unmount() }
        let reserved = harness.folders.reservedSpace
        func length() -> Int {
            var status = stat()
            return stat(reserved, &status) == 0 ? Int(status.st_size) : 0
        }
        unlink(reserved)
        for (free, least) in [(4_000_000, 2_000_000), (20_000_000, 8_000_000)] {
            try disk.fill(leaving: free)
            let tick = try Shell.run(
                Programs.path("resize-worker"), ["--drain"], environment: harness.environment)
            #expect(tick.status == 0, tick.said)
            #expect(length() >= least, "\(free) bytes free: \(length())")
            #expect(disk.free >= 512 * 1024, "no space is left for other commits")
        }
        // The free space is above the reserve, but by less than the reserved file lacks.
        unlink(reserved)
        disk.empty()
        try disk.fill(leaving: 52_000_000)
        #expect(try harness.multires("gc").status == 0)
        #expect(length() >= 8_000_000)
    }
}
