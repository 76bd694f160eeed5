import Foundation
import Processes
import Support

/// The ceiling: Multires' own nginx files, with an empty C program on 64 threads behind them and a
/// kept connection for each of as many clients.
final class EmptyResponder {
    let base: String
    private let stack: Stack
    private let responder: ChildProcess
    private let nginx: ChildProcess

    init() throws {
        stack = try Stack()
        stack.stop()
        base = stack.client.base
        let site = "\(stack.data)/nginx/multires.conf"
        let text = try String(contentsOfFile: site, encoding: .utf8)
        let kept = text.replacing(/keepalive [0-9]+;/, with: "keepalive 64;")
        guard kept != text else { throw NotUp(description: "no kept connections in \(site)") }
        try Data(kept.utf8).write(to: URL(fileURLWithPath: site))

        let socket = try ListeningSocket.opened(at: "\(stack.data)/run/image.sock")
        responder = try ChildProcess(
            Baseline.path("empty-responder"), environment: [:],
            descriptors: [0: socket.descriptor.number])
        nginx = try ChildProcess(
            "/usr/sbin/nginx",
            ["-p", "\(stack.data)/nginx", "-c", "\(stack.data)/nginx/serve.conf"],
            environment: stack.environment)
        guard eventually({ (try? stack.client.get("/health").status) == 200 }) else {
            throw NotUp(description: "nginx alone")
        }
    }

    func stop() {
        nginx.send(SIGTERM)
        responder.send(SIGKILL)
        nginx.wait()
        responder.wait()
    }

    deinit { stop() }
}
