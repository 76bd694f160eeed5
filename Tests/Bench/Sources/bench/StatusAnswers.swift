import Foundation
import Processes
import Support

/// Status answers of a complete image, with token check and session look-up, over kept connections
/// to nginx. The baseline is a C program that answers a constant through the same nginx settings.
enum StatusAnswers {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        let upload = try client.upload(photo)
        let image = upload["imageId"].string ?? ""
        _ = try client.get("/api/images/\(image)/status?wait=20")
        let path = "/api/images/\(image)/status"

        let ours = try perSecond(stack.client.base + path, token: client.token ?? "")
        stack.stop()

        // The same nginx files and the same socket, with another program behind it.
        let socket = try ListeningSocket(path: stack.data + "/run/image.sock")
        let responder = try ChildProcess(
            Baseline.path("empty-responder"), environment: [:], descriptors: [0: socket.number])
        let nginx = try ChildProcess(
            "/usr/sbin/nginx",
            ["-p", "\(stack.data)/nginx", "-c", "\(stack.data)/nginx/serve.conf"],
            environment: stack.environment)
        defer {
            nginx.send(SIGTERM)
            responder.send(SIGKILL)
            nginx.wait()
            responder.wait()
        }
        let isUp = eventually { (try? stack.client.get("/health").status) == 200 }
        guard isUp else { throw NotUp(description: "nginx alone") }
        let theirs = try perSecond(stack.client.base + path, token: client.token ?? "")
        row(
            "status answers", ours, "an empty C responder behind the same nginx", theirs, unit: "/s"
        )
    }

    /// wrk, one thread, 16 connections, 5 s after a second of warming.
    private static func perSecond(_ address: String, token: String) throws -> Double {
        let options = ["-t1", "-c16", "-H", "Authorization: Bearer \(token)"]
        _ = try Shell.run("wrk", options + ["-d1s", address])
        let output = try Shell.run("wrk", options + ["-d5s", address])
        guard let match = output.text.firstMatch(of: /Requests\/sec: +([0-9.]+)/),
            let number = Double(match.1), !output.text.contains("Non-2xx")
        else { throw NotUp(description: output.text) }
        return number
    }
}

enum Baseline {
    /// Lies beside this program.
    static func path(_ name: String) -> String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent(name).path
    }
}
