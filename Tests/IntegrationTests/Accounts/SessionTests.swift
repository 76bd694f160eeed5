import Foundation
import Support
import Testing

@Suite struct SessionTests {
    @Test(
        "The list of sessions has each sign-in with its user agent, and marks the current one",
        arguments: Stack.Gateway.allCases)
    func list(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let phone = try person.elsewhere(agent: "Phone/1")
        let answer = try phone.client.get("/api/auth/sessions")
        #expect(answer.status == 200)
        let sessions = answer["sessions"].array
        #expect(sessions.count == 2)
        #expect(
            sessions.allSatisfy {
                $0.names == ["id", "createdAt", "rotatedAt", "userAgent", "current"]
            })
        let current = sessions.filter { $0["current"]?.bool == true }
        #expect(current.map { $0["userAgent"]?.string } == ["Phone/1"])
    }

    @Test("A refresh updates the session's last use", arguments: Stack.Gateway.allCases)
    func used(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let before = try person.client.get("/api/auth/sessions")["sessions"].array[0]
        #expect(before["rotatedAt"] == before["createdAt"])
        let after = try person.refreshed().client.get("/api/auth/sessions")["sessions"].array[0]
        #expect(after["id"] == before["id"])
        #expect(after["createdAt"] == before["createdAt"])
        #expect((after["rotatedAt"]?.string ?? "") > (before["rotatedAt"]?.string ?? ""))
    }

    @Test(
        "A session that another session ends stops at once, and the other keeps working",
        arguments: Stack.Gateway.allCases)
    func end(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let lost = try person.elsewhere(agent: "Lost/1")
        let sessions = try person.client.get("/api/auth/sessions")["sessions"].array
        let id = try #require(
            sessions.first { $0["userAgent"]?.string == "Lost/1" }?["id"]?.string)
        #expect(try person.client.delete("/api/auth/sessions/\(id)").status == 204)
        #expect(try lost.refusal() == "revoked_token")
        #expect(try lost.refresh().code == "revoked_token")
        #expect(try person.refusal() == nil)
        #expect(try person.client.get("/api/auth/sessions")["sessions"].array.count == 1)
        #expect(try person.client.delete("/api/auth/sessions/\(id)").status == 404)
        #expect(try person.client.delete("/api/auth/sessions/no-id").status == 404)
    }

    @Test("logout-all ends every session at once", arguments: Stack.Gateway.allCases)
    func logoutAll(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let other = try person.elsewhere()
        #expect(try other.client.post("/api/auth/logout-all").status == 204)
        for each in [person, other] {
            #expect(try each.refusal() == "revoked_token")
            #expect(try each.refresh().code == "revoked_token")
        }
    }

    @Test(
        "A password change ends the other sessions at once, and only the new password works",
        arguments: Stack.Gateway.allCases)
    func password(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try TestUser(on: stack)
        let other = try person.elsewhere()
        let change = ["currentPassword": person.password, "newPassword": "a better horse"]
        let answer = try person.client.post("/api/auth/password", json: change)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try other.refusal() == "revoked_token")
        #expect(try person.refusal() == "revoked_token")
        var fresh = person
        fresh.client.token = answer["accessToken"].string
        #expect(try fresh.refusal() == nil)
        let old = ["email": person.email, "password": person.password]
        #expect(try stack.client.post("/api/auth/login", json: old).code == "invalid_credentials")
        let new = ["email": person.email, "password": "a better horse"]
        #expect(try stack.client.post("/api/auth/login", json: new).status == 200)
    }

    @Test("With a wrong current password, the password is not changed")
    func wrongPassword() throws {
        let person = try TestUser(on: Stacks.shared(.fastcgi))
        let change = ["currentPassword": "a guess", "newPassword": "a better horse"]
        let answer = try person.client.post("/api/auth/password", json: change)
        #expect(answer.status == 401)
        #expect(answer.code == "invalid_credentials")
        #expect(answer["error"].string == "The password is wrong.")
        #expect(try person.refusal() == nil)
    }

    @Test(
        "20 parallel refreshes of one token leave one valid session with one new token",
        arguments: Stack.Gateway.allCases)
    func parallel(_ gateway: Stack.Gateway) throws {
        // With CGI these are 20 programs, which may take longer than the default grace on a busy machine.
        let stack = try Stacks.shared(gateway, "patient", ["MULTIRES_REFRESH_GRACE": "60s"])
        let person = try TestUser(on: stack)
        let answers = try atOnce(20) { _ in try person.refresh() }
        #expect(answers.map(\.status) == Array(repeating: 200, count: 20))
        #expect(Set(answers.map { $0["refreshToken"].string }).count == 1)
        let next = try person.refreshed()
        #expect(try next.refusal() == nil)
        #expect(try next.client.get("/api/auth/sessions")["sessions"].array.count == 1)
        #expect(try next.refresh().status == 200)
    }

    @Test(
        "A refresh token that is replayed after the grace period ends the session",
        arguments: Stack.Gateway.allCases)
    func replay(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway, "grace", ["MULTIRES_REFRESH_GRACE": "1s"])
        let person = try TestUser(on: stack)
        let bystander = try person.elsewhere()
        let next = try person.refreshed()
        // Within the grace period it gives the same new token. The first use after that ends the session.
        let ended = try eventually { try person.refresh().code == "revoked_token" }
        #expect(ended)
        #expect(try next.refusal() == "revoked_token")
        #expect(try next.refresh().code == "revoked_token")
        #expect(try bystander.refusal() == nil)
    }

    @Test("After a restart, valid sessions still work and ended ones do not")
    func restart() throws {
        let folder = TemporaryFolder()
        var person: TestUser
        let ended: TestUser
        do {
            let stack = try Stack(in: folder)
            person = try TestUser(on: stack)
            ended = try person.elsewhere()
            #expect(
                try ended.client.post(
                    "/api/auth/logout", json: ["refreshToken": ended.refreshToken]
                )
                .status == 204)
        }
        let stack = try Stack(in: folder)
        person.client = Client(base: stack.client.base, token: person.client.token)
        #expect(try person.refusal() == nil)
        #expect(try person.refresh().status == 200)
        let other = Client(base: stack.client.base, token: ended.client.token)
        #expect(try other.get("/api/auth/me").code == "revoked_token")
    }
}
