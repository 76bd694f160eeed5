import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// The quota of an account, and the disk reserve.
@Suite struct QuotaTests {
    private let folder = TemporaryFolder()

    /// Uploads all photos at once, and repeats each upload while the service is busy. Returns the number of
    /// responses by status.
    private func uploadAtOnce(_ photos: [String], _ client: Client) throws -> [Int: Int] {
        let statuses = try atOnce(photos.count) { number in
            while true {
                let status = try client.upload(photos[number]).status
                if status != 503 { return status }
            }
        }
        return Dictionary(statuses.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private func person(_ stack: Stack) throws -> (email: String, client: Client) {
        let email = AccountTests.email()
        let answer = try stack.client.post("/api/auth/register", json: AccountTests.body(email))
        return (email, Client(base: stack.client.base, token: answer["accessToken"].string))
    }

    private func quota(_ stack: Stack, _ arguments: String...) throws -> Shell.Output {
        try Shell.run(
            Programs.path("multires"), ["users", "quota"] + arguments,
            environment: stack.environment)
    }

    @Test(
        "Of 50 uploads at once, an account with a quota for 7 gets exactly 7, in images and bytes",
        arguments: Stack.Gateway.allCases)
    func fiftyAtOnce(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let photos = try Photos.many(50, width: 200, height: 150, in: folder)
        let bytes = try photos.map { try Photos.bytes(of: $0).count }
        // The files differ in length by one digit: seven of the longest fit, eight of the shortest do not.
        let room = try #require(bytes.max()) * 7
        try #require(try #require(bytes.min()) * 8 > room)
        for limit in [["--images", "7"], ["--bytes", String(room)]] {
            let (email, client) = try person(stack)
            let set = try Shell.run(
                Programs.path("multires"), ["users", "quota", email] + limit,
                environment: stack.environment)
            #expect(set.status == 0, set.said)
            let answers = try uploadAtOnce(photos, client)
            #expect(answers == [202: 7, 403: 43], "\(limit) \(stack.logText.suffix(2000))")
            let me = try client.get("/api/auth/me")
            #expect(me["usage"]["images"]?.int == 7)
            #expect(try client.upload(photos[0]).code ?? "duplicate" != "internal")
            let listed = try client.get("/api/images?limit=200")["images"].array
            #expect(listed.count == 7)
        }
    }

    @Test("An account's own quota is in /api/auth/me, applies at once, and can be removed")
    func ownQuota() throws {
        let stack = try Stacks.shared(.fastcgi)
        let (email, client) = try person(stack)
        let standard = try client.get("/api/auth/me")["quota"]
        #expect(try quota(stack, email, "--images", "1", "--bytes", "2GB").status == 0)
        let own = try client.get("/api/auth/me")["quota"]
        #expect(own == .object(["images": .number(1), "bytes": .number(2_000_000_000)]))
        let photos = try Photos.many(2, width: 100, height: 100, in: folder)
        #expect(try client.upload(photos[0]).status == 202)
        #expect(try client.upload(photos[1]).code == "quota_exceeded")
        let shown = try quota(stack, email)
        #expect(shown.lines.first == "images 1 of 1", shown.said)
        #expect(try quota(stack, email, "--standard").status == 0)
        #expect(try client.get("/api/auth/me")["quota"] == standard)
        #expect(try client.upload(photos[1]).status == 202)
        #expect(try quota(stack, email, "--bytes", "much").status == 1)
        #expect(try quota(stack, "nobody@example.org").status == 1)
    }

    @Test("An account's usage is correct after responders were killed during uploads")
    func crashes() throws {
        let stack = try Stack()
        let (_, client) = try person(stack)
        let photos = try Photos.many(40, width: 1200, height: 900, in: folder)
        var uploads: [() throws -> Int] = []
        // Alternately when files are stored but not their rows, and at an arbitrary point.
        for round in 0..<5 {
            let begin = {
                uploads += photos[round * 8..<round * 8 + 8].map { photo in
                    Thread.running { (try? client.upload(photo).status) ?? 0 }
                }
            }
            if round.isMultiple(of: 2) {
                try stack.killResponderInMidUpload(begin)
            } else {
                begin()
                for pid in stack.pids("image-responder") { kill(pid, SIGKILL) }
                #expect(eventually { !stack.pids("image-responder").isEmpty })
            }
        }
        let accepted = try uploads.map { try $0() }.filter { $0 == 202 }.count
        #expect(accepted < photos.count)
        #expect(try eventually { try stack.client.get("/api/health").status == 200 })
        let listed = try client.get("/api/images?limit=200")["images"].array.count
        #expect(listed >= accepted)
        let me = try client.get("/api/auth/me")
        #expect(me["usage"]["images"]?.int == listed)
        let bytes = try Photos.bytes(of: photos[0]).count
        // All files have the same length, except for a digit of their number.
        #expect(abs((me["usage"]["bytes"]?.int ?? 0) - listed * bytes) <= listed * 2)
    }

    @Test("Below the disk reserve, uploads get 507, but users can read, delete and sign in")
    func reserve() throws {
        let data = TemporaryFolder()
        let email = AccountTests.email()
        let photos = try Photos.many(2, width: 300, height: 200, in: folder)
        let image: String
        do {
            let stack = try Stack(in: data)
            _ = try stack.client.post("/api/auth/register", json: AccountTests.body(email))
            let answer = try stack.client.post("/api/auth/login", json: AccountTests.body(email))
            let client = Client(base: stack.client.base, token: answer["accessToken"].string)
            image = try #require(try client.completed(photos[0])["id"].string)
            stack.stop()
        }
        let stack = try Stack(in: data, settings: ["MULTIRES_DISK_RESERVE": "1000000GB"])
        let answer = try stack.client.post("/api/auth/login", json: AccountTests.body(email))
        #expect(answer.status == 200)
        let client = Client(base: stack.client.base, token: answer["accessToken"].string)
        let refused = try client.upload(photos[1])
        #expect(refused.status == 507)
        #expect(refused.code == "no_space")
        #expect(try client.get("/api/health")["part"].string == "disk")
        #expect(eventually { stack.logText.contains("disk is not healthy: ") })
        let detail = try client.get("/api/images/\(image)")
        let url = try #require(detail["sizes"]["medium"]?["url"]?.string)
        #expect(try client.get(url).status == 200)
        #expect(try client.get("/api/images")["images"].array.count == 1)
        #expect(try stack.account().get("/api/auth/me").status == 200)
        #expect(try client.delete("/api/images/\(image)").status == 200)
    }
}
