import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

@Suite struct UnreadAnswerTests {
    @Test("40 clients that do not read their responses do not block other clients")
    func lists() throws {
        let stack = try Stack(
            settings: ["MULTIRES_AUTH_THREADS": "4", "MULTIRES_IMAGE_THREADS": "4"])
        let person = try TestUser(on: stack)
        let owner = try #require(Identifier<Account>(person.id))
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .responder)
        // With the longest names, a page of 200 images has the maximum length.
        for number in 0..<200 {
            let image = Image(
                id: Identifier(at: .now()), account: owner,
                originalName: String(repeating: "\u{E9}", count: 120) + "\(number).jpg", alt: "",
                format: .jpeg, fit: .cover, visibility: .private, bytes: 1, uploadedAt: .now())
            let digest = (0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 8)) &+ $0 }
            _ = try catalog.images.add(
                NewImage(image: image, digest: digest, idempotencyKey: nil, requestID: nil),
                within: Allowance(
                    quota: Usage(images: 10_000, bytes: 1 << 40), accountQueue: 10_000,
                    queue: 10_000))
        }
        let silent = try (0..<40).map { number in
            let connection = try RawConnection(port: stack.port)
            let path = number % 2 == 0 ? "/api/images?limit=200" : "/api/auth/sessions"
            connection.send(
                "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + "\(person.client.token ?? "")\r\n\r\n")
            return connection
        }
        #expect(try person.login(person.password).status == 200)
        #expect(try person.client.get("/api/images?limit=200")["images"].array.count == 200)
        #expect(try person.client.get("/api/auth/sessions").status == 200)
        withExtendedLifetime(silent) {}
    }
}
