import Foundation
import Model
import SQLiteCatalog
import Settings
import Support
import Testing

@Suite struct DeletionTests {
    @Test(
        "Deleting an account removes every image, file, session and key, and reports the counts",
        arguments: Stack.Gateway.allCases)
    func receipt(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try TestUser(on: stack)
        let elsewhere = try person.elsewhere()
        let key = try person.key("read").client
        let other = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let images = try (0..<3).map {
            try person.client.completed(
                try SmallPhoto.file($0, in: folder),
                fields: ["visibility": "public"])
        }
        let ids = images.compactMap { $0["id"].string }
        let kept = try other.client.completed(
            try SmallPhoto.file(in: folder))
        let files = stack.files(of: ids)
        let link = try #require(images[0]["sizes"]["thumbnail"]?["url"]?.string)
        // The public link is made after the row is stored.
        #expect(try eventually { try stack.client.get(link).status == 200 })

        let answer = try person.delete()
        #expect(answer.status == 200, "\(answer.text)")
        #expect(
            answer.json.names == [
                "userId", "email", "deletedAt", "deletedImages", "deletedFiles", "freedBytes",
            ])
        #expect(answer["userId"].string == person.id)
        #expect(answer["email"].string == person.email)
        #expect(answer["deletedImages"].int == 3)
        #expect(answer["deletedFiles"].int == 15)
        #expect(answer["deletedFiles"].int == files.count)
        #expect(answer["freedBytes"].int == files.reduce(0) { $0 + $1.bytes })

        #expect(stack.files(of: ids).isEmpty)
        #expect(try [403, 404].contains(stack.client.get(link).status))
        for each in [person, elsewhere] {
            #expect(try each.refusal() == "revoked_token")
            #expect(try each.refresh().code == "revoked_token")
        }
        #expect(try key.get("/api/images").code == "revoked_token")
        let signIn = ["email": person.email, "password": person.password]
        #expect(
            try stack.client.post("/api/auth/login", json: signIn).code == "invalid_credentials")
        #expect(try other.client.get("/api/images/\(kept["id"].string ?? "")").status == 200)

        // The email can be registered again, and the new account has no images.
        let again = try stack.client.post("/api/auth/register", json: signIn)
        #expect(again.status == 201)
        #expect(again["userId"].string != person.id)
        let owner = Client(base: stack.client.base, token: again["accessToken"].string)
        #expect(try owner.get("/api/images")["images"].array.isEmpty)
    }

    @Test("Without the password, no account is deleted", arguments: Stack.Gateway.allCases)
    func password(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let wrong = try person.client.send("DELETE", "/api/auth/me", json: ["password": "a guess"])
        #expect(wrong.status == 401)
        #expect(wrong.code == "invalid_credentials")
        #expect(wrong["error"].string == "The password is wrong.")
        #expect(try person.client.delete("/api/auth/me").code == "invalid_request")
        var anonymous = person
        anonymous.client.token = nil
        #expect(try anonymous.delete().code == "missing_token")
        #expect(try person.refusal() == nil)
    }

    @Test("Images in progress when their account is deleted leave no files")
    func jobs() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZER_IDLE": "10m"])
        let person = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let photos = try Photos.many(12, width: 1600, height: 1200, in: folder)
        let resizer = try stack.stopIdleResizer()
        for photo in photos { #expect(try person.client.upload(photo).status == 202) }
        let isInProgress = try eventually {
            try !person.client.get("/api/images?status=processing")["images"].array.isEmpty
        }
        #expect(isInProgress)
        #expect(try person.delete()["deletedImages"].int == 12)
        Glibc.kill(resizer, SIGCONT)
        let catalog = try stack.catalog()
        #expect(try catalog.queue.depth() == (0, 0))
        // The image in progress is rendered, then the worker finds that it was deleted.
        #expect(eventually { stack.storedFiles.isEmpty }, "\(stack.storedFiles)")
        #expect(try catalog.accounts.all().isEmpty)
    }

    @Test("After kill -9 of the responder during a deletion, the worker completes it")
    func kill() throws {
        let stack = try Stack()
        let person = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let photos = try (0..<80).map { try SmallPhoto.file($0, in: folder) }
        for start in stride(from: 0, to: 80, by: 20) {
            let upload = try person.client.upload(photos[start..<start + 20])
            #expect(upload["images"].array.count == 20, "\(upload.text)")
        }
        let drained = try eventually(within: 200) {
            try person.client.get("/api/images?status=complete&limit=200")["images"].array.count
                == 80
        }
        #expect(drained)

        let whole = stack.storedFiles.count
        let deletion = Thread { _ = try? person.delete() }
        deletion.start()
        let catalog = try stack.catalog()
        // Between two writes of the deletion: this test gets the write gate after the first one, and the
        // deletion cannot finish while the test holds it.
        let isInMidWork = try eventually(every: 0.001) {
            try stack.holdingWrites {
                if try catalog.accounts.unfinishedAccountDeletions().isEmpty { return false }
                #expect(eventually { stack.storedFiles.count < whole })
                for pid in stack.pids("auth-responder") { Glibc.kill(pid, SIGKILL) }
                return true
            }
        }
        #expect(isInMidWork)
        #expect(try catalog.accounts.unfinishedAccountDeletions().count == 1)
        #expect(try eventually { try person.refusal() == "revoked_token" })
        #expect(try person.client.get("/api/images").code == "revoked_token")
        #expect(
            try stack.client.post(
                "/api/auth/register", json: ["email": person.email, "password": person.password]
            ).status == 201)

        // A worker sweeps when it starts, and every five minutes.
        for pid in stack.pids("resize-worker") { Glibc.kill(pid, SIGKILL) }
        #expect(try eventually { try catalog.accounts.unfinishedAccountDeletions().isEmpty })
        #expect(stack.storedFiles.isEmpty, "\(stack.storedFiles)")
        #expect(try catalog.images.unfinishedDeletions(after: nil, limit: 10).isEmpty)
    }
}

extension TestUser {
    func delete() throws -> Answer {
        try client.send("DELETE", "/api/auth/me", json: ["password": password])
    }
}

extension Stack {
    /// A new connection to the catalog, as from another program.
    func catalog() throws -> SQLiteCatalog {
        try SQLiteCatalog(Configuration(environment), role: .worker)
    }

    fileprivate func files(of images: [String]) -> [(name: String, bytes: Int)] {
        // The links in public/ point to files in media/.
        storedFiles.filter { file in
            !file.hasPrefix("public/") && images.contains { file.contains($0) }
        }.map { file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(data)/\(file)")
            return (file, attributes?[.size] as? Int ?? 0)
        }
    }
}
