import Foundation

extension Client {
    /// The response that curl gets with these options, for tests that need curl: TLS, HTTP/2, a limited rate.
    public func curl(_ path: String, _ options: [String]) throws -> Answer {
        let scratch = TemporaryFolder()
        var arguments = [
            "-sS", "-g", "--path-as-is", "--max-time", "60", "-D", scratch.file("head"),
            "-o", scratch.file("body"), "-w", "%{method} %{url_effective}",
        ]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        let output = try Shell.run("curl", arguments + options + [base + path])
        let head =
            (try? String(contentsOfFile: scratch.file("head"), encoding: .utf8)) ?? ""
        let body = FileManager.default.contents(atPath: scratch.file("body")) ?? Data()
        guard !head.isEmpty else { throw NoAnswer(description: output.errors) }
        // The last block: a 100 Continue comes before it.
        let blocks = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        let answer = Answer(head: blocks.last ?? "", body: Array(body))
        try record(answer, of: output.text)
        return answer
    }

    /// - Parameter request: the method and the whole address, as curl prints them.
    private func record(_ answer: Answer, of request: String) throws {
        guard
            let (_, method, port, target) = request.wholeMatch(
                of: /(\S+) https?:\/\/[^\/]*?:([0-9]+)(.*)/)?.output,
            let port = Int(port)
        else { return }
        try AnswerRecord.add(answer, to: String(method), String(target), port: port)
    }
}
