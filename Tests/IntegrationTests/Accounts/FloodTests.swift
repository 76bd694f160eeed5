import Foundation
import Support
import Testing

/// Floods of sign-ins. Hashing uses an eighth of the default memory, so that it takes an eighth of the time,
/// and half of the default patience.
@Suite(.serialized) struct FloodTests {
    private static let slots = 2
    private static let mebibytesPerHash = 32

    private static func stack(_ more: [String: String] = [:]) throws -> Stack {
        try Stack(
            settings: [
                "MULTIRES_SCRYPT": "ln=14,r=8,p=1", "MULTIRES_HASH_SLOTS": "\(slots)",
                "MULTIRES_LOGIN_PAIR_FAILURES": "1000", "MULTIRES_LOGIN_ACCOUNT_FAILURES": "1000",
                "MULTIRES_LOGIN_ADDRESS_FAILURES": "1000", "MULTIRES_HASH_PATIENCE": "4s",
            ].merging(more) { $1 })
    }

    @Test(
        "Of 100 parallel logins some succeed, the others get a time to retry, and memory is limited"
    )
    func memory() throws {
        // Enough memory per hash that free(3) returns it to the kernel at once, as with the default
        // (mallopt(3), M_MMAP_THRESHOLD).
        let stack = try Self.stack([
            "MULTIRES_SCRYPT": "ln=15,r=8,p=1", "MULTIRES_HASH_PATIENCE": "2s",
        ])
        let person = try TestUser(on: stack)
        let responder = try #require(stack.pids("auth-responder").first)
        let answers = try atOnce(100) { _ in try person.login(person.password) }
        #expect(answers.contains { $0.status == 200 })
        for answer in answers where answer.status != 200 {
            #expect(answer.status == 503, "\(answer.text)")
            #expect(answer.code == "busy")
            #expect(answer["retryAfter"].int == answer.headers["retry-after"].flatMap { Int($0) })
        }
        #expect(stack.pids("auth-responder") == [responder])
        let peak = try Self.peakMemory(of: responder)
        // The memory of the hashes, and 64 MiB for everything else.
        #expect(peak < Self.slots * Self.mebibytesPerHash + 64, "\(peak) MiB")
        // No failure was counted, so the next login succeeds.
        #expect(try eventually { try person.login(person.password).status == 200 })
    }

    @Test("A flood of logins does not slow down other routes")
    func quick() throws {
        let stack = try Self.stack(["MULTIRES_HASH_PATIENCE": "2s"])
        let person = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let body = folder.file("body")
        try Data(AccountTests.body(person.email, "a guess").utf8).write(
            to: URL(fileURLWithPath: body))
        // One process: more clients would use the cores that the service needs.
        let flood = try Shell.Background(
            "curl",
            [
                "-s", "-Z", "--parallel-max", "40", "--data-binary", "@\(body)", "-o", "/dev/null",
                stack.client.base + "/api/auth/login?[1-1000000]",
            ], environment: stack.environment)
        defer { flood.stop() }
        #expect(eventually { stack.logText.contains("login 503") })

        var current = person
        var seconds: [Double] = []
        for _ in 0..<10 {
            seconds.append(try current.secondsForMe())
            let verified = try stack.client.post(
                "/api/auth/verify", json: ["token": current.client.token ?? ""])
            #expect(verified.status == 200)
            current = try current.refreshed()
        }
        seconds.sort()
        // A request in the queue of hashes would wait as long as these, 2 s.
        #expect(seconds[5] < 1.5, "\(seconds)")
    }

    @Test(
        "Nine correct passwords at once from one address all sign in",
        arguments: Stack.Gateway.allCases)
    func nine(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let answers = try atOnce(9) { _ in try person.login(person.password) }
        #expect(answers.map(\.status) == Array(repeating: 200, count: 9), "\(answers.map(\.code))")
    }

    @Test("During a flood of logins and registrations from 20 addresses, other logins succeed")
    func flood() throws {
        let stack = try Self.stack()
        let person = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let body = folder.file("body")
        try Data(AccountTests.body(person.email, "a guess").utf8).write(
            to: URL(fileURLWithPath: body))
        let floods = try (1...20).map { number in
            try Shell.Background(
                "curl",
                [
                    "-s", "-Z", "--parallel-max", "4", "--interface", "127.0.1.\(number)",
                    "--data-binary", "@\(body)", "-o", "/dev/null",
                    stack.client.base
                        + "/api/auth/\(number % 4 == 0 ? "register" : "login")?[1-1000000]",
                ], environment: stack.environment)
        }
        defer { for flood in floods { flood.stop() } }
        // The flood has filled the queue.
        #expect(eventually { stack.logText.contains("login 503") })
        let answers = try (1...3).map { number in
            try stack.client.curl(
                "/api/auth/login",
                [
                    "--interface", "127.0.2.\(number)", "--data-binary",
                    AccountTests.body(person.email, person.password),
                ])
        }
        #expect(answers.map(\.status) == Array(repeating: 200, count: 3), "\(answers.map(\.text))")
    }

    /// The peak resident memory of a process in MiB (proc(5), VmHWM).
    private static func peakMemory(of process: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let match = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/))
        return try #require(Int(match.1)) / 1024
    }
}

extension TestUser {
    /// The time of a request in seconds, as curl measures it, without the start of curl.
    fileprivate func secondsForMe() throws -> Double {
        let output = try Shell.run(
            "curl",
            [
                "-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}",
                "-H", "Authorization: Bearer \(client.token ?? "")",
                client.base + "/api/auth/me",
            ]
        ).text.split(separator: " ")
        #expect(output.first == "200")
        return try #require(output.last.flatMap { Double($0) })
    }
}
