import Cryptography
import Foundation
import Support
import Testing

@testable import Credentials

@Suite struct KeyRotationTests {
    @Test("SIGHUP adds a new key of JWT_SECRET, and loses no valid token and no request")
    func reload() throws {
        let stack = try Stack()
        let person = try TestUser(on: stack)
        let before = stack.pids("auth-responder") + stack.pids("image-responder")
        try Self.rotate(stack, keeping: true)
        stack.process.send(SIGHUP)
        var answers = 0
        let restarted = try eventually {
            // Each request is answered, by the old process or the new one.
            for path in ["/api/auth/me", "/api/images"] {
                let answer = try person.client.get(path)
                #expect(answer.status == 200, "\(answer.text)")
                answers += 1
            }
            let now = stack.pids("auth-responder") + stack.pids("image-responder")
            return now.count == 2 && Set(now).isDisjoint(with: before)
        }
        #expect(restarted)
        #expect(answers > 0)
        let fresh = try person.refreshed()
        #expect(try Self.keyID(of: fresh) == "second")
        #expect(try fresh.refusal() == nil)
        #expect(try person.refusal() == nil)
        #expect(!stack.logText.contains("restarting it"))
    }

    @Test("Access tokens of a removed key are invalid, and the refresh token gives a new one")
    func dropped() throws {
        let folder = TemporaryFolder()
        var person: TestUser
        do {
            let stack = try Stack(in: folder)
            person = try TestUser(on: stack)
            try Self.rotate(stack, keeping: false)
        }
        let stack = try Stack(in: folder)
        person.client = Client(base: stack.client.base, token: person.client.token)
        #expect(try person.refusal() == "invalid_token")
        #expect(try person.refreshed().refusal() == nil)
    }

    /// Writes a new current key into `secrets.env`, before the existing key or in its place.
    private static func rotate(_ stack: Stack, keeping: Bool) throws {
        let file = stack.data + "/secrets.env"
        let old = try String(contentsOfFile: file, encoding: .utf8)
        let new = old.replacing(/(?m)^JWT_SECRET=(.*)$/) { match in
            "JWT_SECRET=second:\(SecureRandom.text(bytes: 32))"
                + (keeping ? ",first:\(match.1)" : "")
        }
        // In place, so that the file keeps its permissions.
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(new.utf8))
        try handle.close()
    }

    private static func keyID(of person: TestUser) throws -> String? {
        let header = try #require(person.client.token?.split(separator: ".").first)
        let json = String(decoding: try #require(Base64URL.decode(header)), as: UTF8.self)
        return json.firstMatch(of: /"kid":"([^"]*)"/).map { String($0.1) }
    }
}
