import Foundation
import Model
import Processes
import Settings

/// Starts nginx, the responders and the worker, starts again what dies, and ends them all together.
package final class Supervisor {
    /// From the first signal until the last child is gone; the promise is 10 s.
    private static let patience = Duration.seconds(8)
    /// Most requests are answered within it.
    private static let shortRequest = Duration.milliseconds(300)
    /// With plain CGI nothing ends a long wait but its process's end.
    private static let cgiPatience = Duration.seconds(2)
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
        /// Ends what it has left behind, once it has ended by itself.
        let endRest: (ChildProcess) -> Void
        var child: ChildProcess?
        var startedAt = ContinuousClock.now
        var pause = Duration.zero
        /// Ends with an exit status other than 0, each soon after its start, in a row.
        var failures = 0

        /// fcgiwrap's own children outlive it unless their group is told.
        init(
            _ name: String, start: @escaping ([String: String]) throws -> ChildProcess,
            stop: @escaping (ChildProcess) -> Void = { $0.sendToGroup(SIGTERM) },
            endRest: @escaping (ChildProcess) -> Void = { $0.sendToGroup(SIGTERM) }
        ) {
            (self.name, self.start, self.stop, self.endRest) = (name, start, stop, endRest)
        }
    }

    private var settings: Settings
    private let nginx: Part
    /// In the order they are started in; nginx is the last.
    private let parts: [Part]
    /// Replaced by a reload and not yet done.
    private var leaving: [ChildProcess] = []
    private let supervised: Supervised
    /// Of a `serve` before this one, asked to end when this one began.
    private var strays: [pid_t]
    private let began = ContinuousClock.now
    /// A responder takes 10 s at the most to finish its requests.
    private static let strayPatience = Duration.seconds(15)

    package init(
        _ settings: Settings, nginx program: String, _ supervised: Supervised, _ strays: [pid_t]
    ) throws {
        self.settings = settings
        self.supervised = supervised
        self.strays = strays
        let configuration = settings.configuration
        let folders = settings.configuration.folders
        nginx = Part("nginx") {
            try ChildProcess(
                program, Nginx.arguments(folders.nginx), environment: $0,
                descriptors: supervised.descriptors)
        } stop: {
            $0.send(SIGQUIT)
        } endRest: {
            Nginx.endWorkers(of: $0, configuration)
        }
        let worker = Part("resize-worker") {
            try ChildProcess(
                ProgramFiles.path(of: "resize-worker"), environment: $0,
                descriptors: supervised.descriptors)
        }
        parts =
            try [
                Self.responder(
                    "auth-responder", socket: folders.run + "/auth.sock",
                    settings.configuration.gateway, supervised),
                Self.responder(
                    "image-responder", socket: folders.run + "/image.sock",
                    settings.configuration.gateway, supervised),
            ] + (settings.configuration.worker == .daemon ? [worker] : []) + [nginx]
    }

    /// The socket is ours and stays while a responder is started anew: requests wait in it.
    private static func responder(
        _ name: String, socket path: String, _ style: ResponderStyle, _ supervised: Supervised
    ) throws -> Part {
        let socket = try ListeningSocket.opened(at: path)
        return Part(name) { environment in
            let descriptors = supervised.descriptors.merging([0: socket.descriptor.number]) { $1 }
            let program = ProgramFiles.path(of: name)
            return switch style {
            case .fastcgi:
                try ChildProcess(
                    program, environment: environment, descriptors: descriptors)
            case .cgi:
                try ChildProcess(
                    "fcgiwrap", ["-c", "8", "-p", program], environment: environment,
                    descriptors: descriptors)
            }
        }
    }

    /// - Parameter prepare: on SIGHUP reads the settings anew and makes nginx's files fit them; throws
    ///   when something is wrong with either, and has then changed nothing.
    package func run(until signals: Signals, preparing prepare: () throws -> Settings) throws {
        for part in parts { try launch(part) }
        var announced = false
        while true {
            switch signals.next(within: announced ? .seconds(1) : .milliseconds(5)) {
            case SIGTERM, SIGINT: return stop(signals)
            case SIGHUP: reload(prepare)
            default: break
            }
            for part in parts {
                try restartIfDead(part)
                if !announced, part.failures >= Self.mostFailures {
                    stop(signals)
                    throw Unusable(
                        "\(part.name) ended at once, \(part.failures) times in a row; its own lines above "
                            + "say why. Nothing is served.")
                }
            }
            endStrays()
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
            for part in parts where part !== nginx { try replace(part) }
            say("reloaded")
        } catch {
            say("not reloaded, all is as it was: \(error)")
        }
    }

    /// The next one is there before the last one is asked to go.
    private func replace(_ part: Part) throws {
        let last = part.child
        try launch(part)
        if let last {
            part.stop(last)
            leaving.append(last)
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
        if let child = part.child, child.isOver {
            // Before it is reaped: until then the group's number is nobody else's.
            part.endRest(child)
            let end = child.wait()
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

    private func endStrays() {
        strays.removeAll { !supervised.holdsMark($0) }
        guard !strays.isEmpty, ContinuousClock.now - began > Self.strayPatience else { return }
        for pid in strays { kill(pid, SIGKILL) }
    }

    /// nginx first: it ends when what it has taken in is answered, and the responders after it. Who does
    /// not listen is told, then killed.
    private func stop(_ signals: Signals) {
        let asked = ContinuousClock.now
        let responders = parts.filter { $0.name.hasSuffix("responder") }
        for part in parts where !responders.contains(where: { $0 === part }) {
            if let child = part.child { part.stop(child) }
        }
        func waitForNginx(_ longest: Duration) {
            while let child = nginx.child, !child.hasEnded, ContinuousClock.now - asked < longest {
                // SIGCHLD ends the wait.
                _ = signals.next(within: .milliseconds(20))
            }
        }
        switch settings.configuration.gateway {
        case .fastcgi:
            waitForNginx(Self.shortRequest)
            if nginx.child?.hasEnded == false {
                // Asked to go, they end long waits at once.
                for part in responders { try? replace(part) }
            }
            waitForNginx(Self.patience - .seconds(2))
        case .cgi:
            waitForNginx(Self.cgiPatience)
        }
        for part in responders {
            if let child = part.child { part.stop(child) }
        }
        let children = parts.compactMap(\.child) + leaving
        while case let left = children.filter({ !$0.hasEnded }), !left.isEmpty {
            _ = signals.next(within: .milliseconds(100))
            let waited = ContinuousClock.now - asked
            // nginx on SIGQUIT waits for slow clients.
            if waited > Self.patience - .seconds(2) {
                for child in left { child.sendToGroup(waited > Self.patience ? SIGKILL : SIGTERM) }
            }
        }
    }
}
