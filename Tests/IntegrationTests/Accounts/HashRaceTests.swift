import Credentials
import Foundation
import Model
import Support
import Testing

@testable import auth_responder

/// Changes of an account while its password is hashed, which takes a while.
@Suite("Changes while a password is hashed") struct HashRaceTests {
    private let harness: AuthHarness
    private let account: Identifier<Account>
    private let token: String

    init() throws {
        harness = try AuthHarness()
        let registered = try harness.register()
        account = try #require(Identifier<Account>(registered["userId"]?.string ?? ""))
        token = registered["accessToken"]?.string ?? ""
    }

    private func setPassword(to password: String) throws {
        let hash = try AuthResponder(harness.program).passwords.hash(password)
        _ = try harness.catalog.accounts.setPassword(
            of: account, to: hash, revokingKeys: false, at: .now())
    }

    private var sessions: Int {
        get throws {
            try harness.catalog.accounts.sessions(
                of: account, rotatedSince: Timestamp(milliseconds: 0), after: nil, limit: 1000
            ).count
        }
    }

    @Test("A password change during hashing makes a sign-in with the old password fail")
    func signIn() throws {
        harness.whileHashing { try self.setPassword(to: "a better horse") }
        let answer = try harness.login()
        #expect(answer.status == 401)
        #expect(answer.json["code"]?.string == "invalid_credentials")
        #expect(try sessions == 0)
        #expect(try harness.login("a better horse").status == 200)
    }

    @Test("A new hash of the same password, stored during hashing, does not make a sign-in fail")
    func rehash() throws {
        harness.whileHashing { try self.setPassword(to: TestUser.password) }
        #expect(try harness.login().status == 200)
        #expect(try sessions == 1)
    }

    @Test("Deleting the account during hashing makes a sign-in fail")
    func deleted() throws {
        harness.whileHashing {
            _ = try self.harness.catalog.accounts.beginDeletion(
                of: self.account, verified: nil, at: .now())
        }
        let answer = try harness.login()
        #expect(answer.json["code"]?.string == "invalid_credentials")
    }

    @Test("A password change during hashing makes another change with the old password fail")
    func change() throws {
        harness.whileHashing { try self.setPassword(to: "a better horse") }
        let answer = try harness.send(
            "POST", "/api/auth/password",
            ["currentPassword": TestUser.password, "newPassword": "a thief's horse"], token: token)
        #expect(answer.json["code"]?.string == "invalid_credentials")
        #expect(try sessions == 0)
        #expect(try harness.login("a thief's horse").status == 401)
        #expect(try harness.login("a better horse").status == 200)
    }

    @Test("A password change during hashing makes a deletion with the old password fail")
    func deletion() throws {
        harness.whileHashing { try self.setPassword(to: "a better horse") }
        let answer = try harness.send(
            "DELETE", "/api/auth/me", ["password": TestUser.password], token: token)
        #expect(answer.json["code"]?.string == "invalid_credentials")
        #expect(try harness.login("a better horse").status == 200)
    }
}
