import Catalog
import Foundation
import Processes

/// Starts nginx, the responders and the worker, starts again what dies, and ends them all together.
final class Supervisor {
    /// From the first signal until the last child is gone; the promise is 10 s.
    private static let patience = Duration.seconds(8)
    /// A program that dies at once is started again more and more slowly, up to this.
    private static let longestPause = Duration.seconds(5)

    private final class Part {
        let name: String
        let start: () throws -> ChildProcess
        /// Asks it to end after the work in hand.
        let stop: (ChildProcess) -> Void
        var child: ChildProcess?
        var startedAt = ContinuousClock.now
        var pause = Duration.zero

        /// fcgiwrap's own children outlive it unless their group is told.
        init(
            _ name: String, start: @escaping () throws -> ChildProcess,
            stop: @escaping (ChildProcess) -> Void = { $0.sendToGroup(SIGTERM) }
        ) {
            self.name = name
            self.start = start
            self.stop = stop
        }
    }

    private let configuration: Configuration
    private let parts: [Part]

    init(
        _ configuration: Configuration, _ environment: [String: String], nginx: String,
        gateway: ResponderStyle
    ) throws {
        self.configuration = configuration
        var environment = environment
        environment["MULTIRES_SUPERVISED"] = "1"
        environment["MULTIRES_DATA"] = configuration.data
        let run = configuration.folders.run
        parts = try [
            Self.responder("auth-responder", socket: run + "/auth.sock", gateway, environment),
            Self.responder("image-responder", socket: run + "/image.sock", gateway, environment),
            Part("resize-worker") {
                try ChildProcess(
                    ProgramFiles.path(of: "resize-worker"), environment: environment)
            },
            Part("nginx") {
                try ChildProcess(
                    nginx, Nginx.arguments(configuration.folders), environment: environment)
            } stop: {
                $0.send(SIGQUIT)
            },
        ]
    }

    /// The socket is ours and stays while a responder is started anew: requests wait in it.
    private static func responder(
        _ name: String, socket path: String, _ style: ResponderStyle,
        _ environment: [String: String]
    ) throws -> Part {
        let socket = try ListeningSocket(path: path)
        return Part(name) {
            let program = ProgramFiles.path(of: name)
            return switch style {
            case .fastcgi:
                try ChildProcess(
                    program, environment: environment, descriptors: [0: socket.number])
            case .cgi:
                try ChildProcess(
                    "fcgiwrap", ["-c", "8", "-p", program], environment: environment,
                    descriptors: [0: socket.number])
            }
        }
    }

    func run(until signals: Signals) throws {
        for part in parts { try launch(part) }
        var announced = false
        while true {
            switch signals.next(within: announced ? .seconds(1) : .milliseconds(20)) {
            case SIGTERM, SIGINT: return stop()
            case SIGHUP: parts.last?.child?.send(SIGHUP)
            default: break
            }
            for part in parts { try restartIfDead(part) }
            if !announced, Health.isUp(configuration) {
                announced = true
                print("Multires is at \(configuration.url)")
                fflush(nil)
            }
        }
    }

    private func launch(_ part: Part) throws {
        part.startedAt = .now
        part.child = try part.start()
    }

    private func restartIfDead(_ part: Part) throws {
        if let child = part.child, let end = child.poll() {
            part.child = nil
            let lived = ContinuousClock.now - part.startedAt
            part.pause =
                lived > .seconds(10)
                ? .zero : min(Self.longestPause, part.pause * 2 + .milliseconds(100))
            DataFolder.warn("\(part.name) ended with \(end); starting it again")
        }
        if part.child == nil, ContinuousClock.now - part.startedAt >= part.pause {
            try launch(part)
        }
    }

    /// Everyone is asked at once; who does not listen is told, then killed.
    private func stop() {
        let asked = ContinuousClock.now
        for part in parts {
            if let child = part.child { part.stop(child) }
        }
        while parts.contains(where: { $0.child?.hasEnded == false }) {
            Thread.sleep(forTimeInterval: 0.01)
            let waited = ContinuousClock.now - asked
            // nginx on SIGQUIT waits for slow clients; killed before SIGTERM, its workers would
            // keep the port.
            if waited > Self.patience - .seconds(2) {
                for part in parts { part.child?.send(SIGTERM) }
            }
            if waited > Self.patience { for part in parts { part.child?.send(SIGKILL) } }
        }
    }
}
