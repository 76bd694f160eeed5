import Foundation
import Support

/// Wrong passwords for an email that has an account, and for emails that have none, in turn: the nearer
/// the ratio is to 1, the less the time reveals.
enum LoginTimes {
    static let tries = 300

    static func run(in folder: TemporaryFolder) throws {
        let raised = ["PAIR", "ACCOUNT", "ADDRESS"].map {
            ("MULTIRES_LOGIN_\($0)_FAILURES", "100000")
        }
        let stack = try Stack(
            settings: Dictionary(uniqueKeysWithValues: raised).merging(
                ["MULTIRES_SCRYPT": "ln=14,r=8,p=1"]) { $1 })
        let known = "\(UUID().uuidString)@example.org"
        _ = try stack.client.post("/api/auth/register", json: body(known))
        var lines: [String] = []
        for number in 0..<tries * 2 {
            let file = folder.file("login\(number)")
            let email = number % 2 == 0 ? known : "\(UUID().uuidString)@example.org"
            try Data(body(email, "a guess").utf8).write(to: URL(fileURLWithPath: file))
            lines += [
                "url = \"\(stack.client.base)/api/auth/login\"", "data-binary = \"@\(file)\"",
                "output = /dev/null", "write-out = \"%{http_code} %{time_total}\\n\"", "silent",
                "next",
            ]
        }
        let file = folder.file("logins.conf")
        try Data(lines.dropLast().joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: file))
        let answers = try Shell.run("curl", ["-K", file]).lines.map { $0.split(separator: " ") }
        guard answers.count == tries * 2, answers.allSatisfy({ $0[0] == "401" }) else {
            throw NotRunning(description: "logins: \(answers.prefix(3))")
        }
        let times = answers.map { (Double($0[1]) ?? 0) * 1000 }
        let turns = times.enumerated()
        try Report.add(
            Row(
                "login, known email", unit: "ms",
                turns.filter { $0.offset % 2 == 0 }.map(\.element), "unknown emails, in turn",
                turns.filter { $0.offset % 2 == 1 }.map(\.element), goal: .less))
    }

    private static func body(_ email: String, _ password: String = "correct horse battery")
        -> String
    {
        #"{"email": "\#(email)", "password": "\#(password)"}"#
    }
}
