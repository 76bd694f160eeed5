import Foundation
import Support
import Testing

/// Hashing with an eighth of the memory that is the default, so that it takes an eighth of the time, and
/// with no more patience than half of the default.
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
        "100 parallel logins: some sign in, the rest are told when to come again, memory is bounded"
    )
    func memory() throws {
        // As much for each hash as malloc gives back at once, like the default; see mallopt(3),
        // M_MMAP_THRESHOLD.
        let stack = try Self.stack([
            "MULTIRES_SCRYPT": "ln=15,r=8,p=1", "MULTIRES_HASH_PATIENCE": "2s",
        ])
        let person = try Person(on: stack)
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
        // What hashes, and as much again as everything else has ever taken.
        #expect(peak < Self.slots * Self.mebibytesPerHash + 64, "\(peak) MiB")
        // Nobody's failure was counted, and the next login is as good as any.
        #expect(try eventually { try person.login(person.password).status == 200 })
    }

    @Test("A flood of logins leaves other routes quick")
    func quick() throws {
        let stack = try Self.stack(["MULTIRES_HASH_PATIENCE": "2s"])
        let person = try Person(on: stack)
        let folder = TemporaryFolder()
        let body = folder.file("body")
        try Data(AccountTests.body(person.email, "a guess").utf8).write(
            to: URL(fileURLWithPath: body))
        // One process, or the clients would take the processors that the service needs.
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
        // Behind a queue of hashes it would wait as long as those do, 2 s.
        #expect(seconds[5] < 1.5, "\(seconds)")
    }

    @Test(
        "Nine right passwords at once from one address all sign in",
        arguments: Stack.Gateway.allCases)
    func nine(_ gateway: Stack.Gateway) throws {
        let person = try Person(on: Stacks.shared(gateway))
        let answers = try atOnce(9) { _ in try person.login(person.password) }
        #expect(answers.map(\.status) == Array(repeating: 200, count: 9), "\(answers.map(\.code))")
    }

    @Test("In a flood of sign-ins and registrations from 20 addresses an honest one is not refused")
    func flood() throws {
        let stack = try Self.stack()
        let person = try Person(on: stack)
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
        // Every address has been here.
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

    /// MiB of the most it ever had in memory (proc(5), VmHWM).
    private static func peakMemory(of process: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let match = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/))
        return try #require(Int(match.1)) / 1024
    }
}

extension Person {
    /// As curl measures them, without its own start.
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
