import Catalog
import Foundation
import Processes

/// Starts nginx, the responders and the worker, starts again what dies, and ends them all together.
final class Supervisor {
    /// From the first signal until the last child is gone; the promise is 10 s.
    private static let patience = Duration.seconds(8)
    /// A program that dies at once is started again more and more slowly, up to this.
    private static let longestPause = Duration.seconds(5)
    /// A program that ends at once so often in a row before the service has ever answered will never
    /// run: its reason does not change by itself. That takes some three seconds.
    private static let mostFailures = 5

    private final class Part {
        let name: String
        let start: ([String: String]) throws -> ChildProcess
        /// Asks it to end after the work in hand.
        let stop: (ChildProcess) -> Void
        var child: ChildProcess?
        var startedAt = ContinuousClock.now
        var pause = Duration.zero
        /// Ends with an exit status other than 0, each soon after its start, in a row.
        var failures = 0

        /// fcgiwrap's own children outlive it unless their group is told.
        init(
            _ name: String, start: @escaping ([String: String]) throws -> ChildProcess,
            stop: @escaping (ChildProcess) -> Void = { $0.sendToGroup(SIGTERM) }
        ) {
            self.name = name
            self.start = start
            self.stop = stop
        }
    }

    private var settings: Settings
    private let nginx: Part
    /// In the order they are started in; nginx is the last.
    private let parts: [Part]
    /// Replaced by a reload and not yet done.
    private var leaving: [ChildProcess] = []

    init(_ settings: Settings, nginx program: String) throws {
        self.settings = settings
        let folders = settings.configuration.folders
        nginx = Part("nginx") {
            try ChildProcess(program, Nginx.arguments(folders.nginx), environment: $0)
        } stop: {
            $0.send(SIGQUIT)
        }
        let worker = Part("resize-worker") {
            try ChildProcess(ProgramFiles.path(of: "resize-worker"), environment: $0)
        }
        parts =
            try [
                Self.responder(
                    "auth-responder", socket: folders.run + "/auth.sock",
                    settings.configuration.gateway),
                Self.responder(
                    "image-responder", socket: folders.run + "/image.sock",
                    settings.configuration.gateway),
            ] + (settings.configuration.worker == .daemon ? [worker] : []) + [nginx]
    }

    /// The socket is ours and stays while a responder is started anew: requests wait in it.
    private static func responder(
        _ name: String, socket path: String, _ style: ResponderStyle
    ) throws -> Part {
        let socket = try ListeningSocket(path: path)
        return Part(name) { environment in
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

    /// - Parameter prepare: on SIGHUP reads the settings anew and makes nginx's files fit them; throws
    ///   when something is wrong with either, and has then changed nothing.
    func run(until signals: Signals, preparing prepare: () throws -> Settings) throws {
        for part in parts { try launch(part) }
        var announced = false
        while true {
            switch signals.next(within: announced ? .seconds(1) : .milliseconds(20)) {
            case SIGTERM, SIGINT: return stop()
            case SIGHUP: reload(prepare)
            default: break
            }
            for part in parts {
                try restartIfDead(part)
                if !announced, part.failures >= Self.mostFailures {
                    stop()
                    throw Failure(
                        "\(part.name) ended at once, \(part.failures) times in a row; its own lines above "
                            + "say why. Nothing is served.")
                }
            }
            leaving.removeAll(where: \.hasEnded)
            AccessLog(settings.configuration).rotate(nginx.child)
            if !announced, Health.isUp(settings.configuration) {
                announced = true
                say("Multires is at \(settings.configuration.url)")
            }
        }
    }

    /// nginx first, so that it knows a new key before anyone signs with it. Of everyone else the next
    /// generation is there before the last one is asked to go, and both share the socket: nobody waits.
    private func reload(_ prepare: () throws -> Settings) {
        do {
            settings = try prepare()
            if let child = nginx.child { Nginx.reload(child) }
            for part in parts where part !== nginx {
                let last = part.child
                try launch(part)
                if let last {
                    part.stop(last)
                    leaving.append(last)
                }
            }
            say("reloaded")
        } catch {
            say("not reloaded, all is as it was: \(error)")
        }
    }

    private func say(_ sentence: String) {
        LogLine.write("notice", "multires", sentence)
    }

    private func launch(_ part: Part) throws {
        part.startedAt = .now
        var environment = settings.environment
        environment["MULTIRES_SUPERVISED"] = "1"
        environment["MULTIRES_DATA"] = settings.configuration.data
        part.child = try part.start(environment)
    }

    private func restartIfDead(_ part: Part) throws {
        if let child = part.child, let end = child.poll() {
            part.child = nil
            let lived = ContinuousClock.now - part.startedAt
            let isFailure = if case .exited(let status) = end { status != 0 } else { false }
            part.failures = isFailure && lived < .seconds(10) ? part.failures + 1 : 0
            // Exit status 0: somebody asked it to go.
            part.pause =
                lived > .seconds(10) || end == .exited(0)
                ? .zero : min(Self.longestPause, part.pause * 2 + .milliseconds(100))
            say("\(part.name) ended with \(end); starting it again")
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
        let children = parts.compactMap(\.child) + leaving
        while case let left = children.filter({ !$0.hasEnded }), !left.isEmpty {
            Thread.sleep(forTimeInterval: 0.01)
            let waited = ContinuousClock.now - asked
            // nginx on SIGQUIT waits for slow clients.
            if waited > Self.patience - .seconds(2) {
                for child in left { child.sendToGroup(waited > Self.patience ? SIGKILL : SIGTERM) }
            }
        }
    }
}
