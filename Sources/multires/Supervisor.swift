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
        /// What it takes as a wish to end after the work in hand.
        let stopSignal: Int32
        /// What makes it read its files again; a responder ends, and the one started in its place
        /// reads the secrets anew. Nil: it has none to read.
        let reloadSignal: Int32?
        var isReloading = false
        var child: ChildProcess?
        var startedAt = ContinuousClock.now
        var pause = Duration.zero

        init(
            _ name: String, stopSignal: Int32 = SIGTERM, reloadSignal: Int32? = nil,
            start: @escaping () throws -> ChildProcess
        ) {
            self.name = name
            self.start = start
            self.stopSignal = stopSignal
            self.reloadSignal = reloadSignal
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
            Part("nginx", stopSignal: SIGQUIT, reloadSignal: SIGHUP) {
                try ChildProcess(
                    nginx, Nginx.arguments(configuration.folders), environment: environment)
            },
        ]
    }

    /// The socket is ours and stays while a responder is started anew: requests wait in it.
    private static func responder(
        _ name: String, socket path: String, _ style: ResponderStyle,
        _ environment: [String: String]
    ) throws -> Part {
        let socket = try ListeningSocket(path: path)
        // As CGI, each request's process reads the secrets anyway.
        return Part(name, reloadSignal: style == .fastcgi ? SIGTERM : nil) {
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
            case SIGHUP: reload()
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

    /// On SIGHUP. Requests under way are finished, those that come meanwhile wait in the socket, so
    /// none is lost: that is how keys are rotated.
    private func reload() {
        for part in parts {
            guard let signal = part.reloadSignal, let child = part.child else { continue }
            part.isReloading = signal == part.stopSignal
            child.send(signal)
        }
    }

    private func restartIfDead(_ part: Part) throws {
        if let child = part.child, let end = child.poll() {
            part.child = nil
            if part.isReloading {
                part.isReloading = false
                return try launch(part)
            }
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
        for part in parts { part.child?.send(part.stopSignal) }
        while parts.contains(where: { $0.child?.hasEnded == false }) {
            Thread.sleep(forTimeInterval: 0.01)
            let waited = ContinuousClock.now - asked
            // nginx on SIGQUIT waits for slow clients; killed before SIGTERM, its workers would
            // keep the port.
            if waited > Self.patience - .seconds(2) { parts.forEach { $0.child?.send(SIGTERM) } }
            if waited > Self.patience { parts.forEach { $0.child?.send(SIGKILL) } }
        }
    }
}
