import Foundation
import Support
import Testing

@Suite struct SessionTests {
    @Test(
        "Where am I signed in: each sign-in with its user agent, the current one marked",
        arguments: Stack.Gateway.allCases)
    func list(_ gateway: Stack.Gateway) throws {
        let person = try Person(on: Stacks.shared(gateway))
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

    @Test("A refresh shows as last use", arguments: Stack.Gateway.allCases)
    func used(_ gateway: Stack.Gateway) throws {
        let person = try Person(on: Stacks.shared(gateway))
        let before = try person.client.get("/api/auth/sessions")["sessions"].array[0]
        #expect(before["rotatedAt"] == before["createdAt"])
        let after = try person.refreshed().client.get("/api/auth/sessions")["sessions"].array[0]
        #expect(after["id"] == before["id"])
        #expect(after["createdAt"] == before["createdAt"])
        #expect((after["rotatedAt"]?.string ?? "") > (before["rotatedAt"]?.string ?? ""))
    }

    @Test(
        "A session ended from another stops at once, tokens and all; the other goes on",
        arguments: Stack.Gateway.allCases)
    func end(_ gateway: Stack.Gateway) throws {
        let person = try Person(on: Stacks.shared(gateway))
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
        let person = try Person(on: Stacks.shared(gateway))
        let other = try person.elsewhere()
        #expect(try other.client.post("/api/auth/logout-all").status == 204)
        for each in [person, other] {
            #expect(try each.refusal() == "revoked_token")
            #expect(try each.refresh().code == "revoked_token")
        }
    }

    @Test(
        "A new password ends the other sessions at once, and is the one that counts",
        arguments: Stack.Gateway.allCases)
    func password(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try Person(on: stack)
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

    @Test(
        "20 parallel refreshes of one token leave one living session with one successor",
        arguments: Stack.Gateway.allCases)
    func parallel(_ gateway: Stack.Gateway) throws {
        // Twenty programs, which a busy machine may need longer for than the usual grace.
        let stack = try Stacks.shared(gateway, "patient", ["MULTIRES_REFRESH_GRACE": "60s"])
        let person = try Person(on: stack)
        let answers = try atOnce(20) { _ in try person.refresh() }
        #expect(answers.map(\.status) == Array(repeating: 200, count: 20))
        #expect(Set(answers.map { $0["refreshToken"].string }).count == 1)
        let next = try person.refreshed()
        #expect(try next.refusal() == nil)
        #expect(try next.client.get("/api/auth/sessions")["sessions"].array.count == 1)
        #expect(try next.refresh().status == 200)
    }

    @Test(
        "A token replayed after the grace kills the session, for thief and owner alike",
        arguments: Stack.Gateway.allCases)
    func replay(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway, "grace", ["MULTIRES_REFRESH_GRACE": "1s"])
        let person = try Person(on: stack)
        let bystander = try person.elsewhere()
        let next = try person.refreshed()
        // Within the grace it gives the same successor; the first answer after it is the ending.
        let ended = try eventually { try person.refresh().code == "revoked_token" }
        #expect(ended)
        #expect(try next.refusal() == "revoked_token")
        #expect(try next.refresh().code == "revoked_token")
        #expect(try bystander.refusal() == nil)
    }

    @Test("Sessions outlive a restart of the service, and so does their ending")
    func restart() throws {
        let folder = TemporaryFolder()
        var person: Person
        let ended: Person
        do {
            let stack = try Stack(in: folder)
            person = try Person(on: stack)
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
