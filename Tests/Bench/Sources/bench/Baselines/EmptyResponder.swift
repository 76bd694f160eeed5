import Foundation
import Processes
import Support

/// The upper limit: Multires' own nginx files in front of an empty C program with 64 threads, and a kept
/// connection for each of 64 clients.
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
        guard kept != text else { throw NotRunning(description: "no kept connections in \(site)") }
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
            throw NotRunning(description: "nginx alone")
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
