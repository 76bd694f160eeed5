import Foundation
import Model
import Processes
import Settings

/// Starts nginx, the responders and the worker, restarts a program that exits, and stops all of them
/// together.
package final class Supervisor {
    /// From the signal to the kill of processes that have not exited. A stop takes at most 10 s in all.
    private static let timeout = Duration.seconds(8)
    /// Most requests are answered within this time.
    private static let shortRequest = Duration.milliseconds(300)
    /// With plain CGI, a request that waits for a status ends only with its process.
    private static let cgiPatience = Duration.seconds(2)
    /// The pause before a restart doubles each time a program exits soon after its start, up to this.
    private static let longestPause = Duration.seconds(5)
    /// A program that fails this many times in a row, before the service has answered once, will always fail,
    /// so `serve` exits. This takes about three seconds.
    private static let mostFailures = 5

    private final class Part {
        let name: String
        let start: ([String: String]) throws -> ChildProcess
        /// Asks it to exit after the work in progress.
        let stop: (ChildProcess) -> Void
        /// Stops the processes that it has started, after it has exited unexpectedly.
        let endRest: (ChildProcess) -> Void
        var child: ChildProcess?
        var startedAt = ContinuousClock.now
        var pause = Duration.zero
        /// Exits in a row with a status other than 0, each within 10 s of the start.
        var failures = 0

        /// By default, signals go to the process group, because fcgiwrap's children would outlive it.
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
    /// In the order in which they are started; nginx is last.
    private let parts: [Part]
    /// Processes that a reload has replaced and that have not exited yet.
    private var leaving: [ChildProcess] = []
    private let supervised: Supervised
    /// Processes of a previous `serve`, which were asked to exit when this one started.
    private var strays: [pid_t]
    private let began = ContinuousClock.now
    /// A responder needs at most 10 s to finish its requests.
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

    /// This process keeps the socket open while a responder restarts, so requests wait in it.
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

    /// Returns after SIGTERM or SIGINT, when all programs have exited. Throws if a program cannot be started,
    /// or fails repeatedly before the service has answered once.
    ///
    /// - Parameter prepare: called on SIGHUP. Reads the settings again and writes nginx's files for them.
    ///   Throws, and changes nothing, if one of them is not valid.
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
                try restartIfExited(part)
                if !announced, part.failures >= Self.mostFailures {
                    stop(signals)
                    throw ConfigurationError(
                        "\(part.name) exited immediately, \(part.failures) times in a row. See its "
                            + "log lines above. Nothing is served.")
                }
            }
            endStrays()
            leaving.removeAll(where: \.hasEnded)
            AccessLog(settings.configuration).rotate(nginx.child)
            if !announced, Health.isUp(settings.configuration) {
                announced = true
                log("Multires is at \(settings.configuration.url)")
            }
        }
    }

    /// nginx first, so that it knows a new key before a responder signs with it. Each other program is
    /// started before the old one is asked to exit. Both use the same socket, so no request has to wait.
    private func reload(_ prepare: () throws -> Settings) {
        do {
            settings = try prepare()
            if let child = nginx.child { Nginx.reload(child) }
            for part in parts where part !== nginx { try replace(part) }
            log("reloaded")
        } catch {
            log("not reloaded, nothing has changed: \(error)")
        }
    }

    /// Starts the new process before the old one is asked to exit.
    private func replace(_ part: Part) throws {
        let last = part.child
        try launch(part)
        if let last {
            part.stop(last)
            leaving.append(last)
        }
    }

    private func log(_ sentence: String) {
        LogRecord.write("notice", "multires", sentence)
    }

    private func launch(_ part: Part) throws {
        part.startedAt = .now
        var environment = settings.environment
        environment["MULTIRES_SUPERVISED"] = "1"
        environment["MULTIRES_DATA"] = settings.configuration.data
        part.child = try part.start(environment)
    }

    private func restartIfExited(_ part: Part) throws {
        if let child = part.child, child.hasExited {
            // Before it is reaped: until then, its id and its group's id are not used again.
            part.endRest(child)
            let end = child.wait()
            part.child = nil
            let lived = ContinuousClock.now - part.startedAt
            let isFailure = if case .exited(let status) = end { status != 0 } else { false }
            part.failures = isFailure && lived < .seconds(10) ? part.failures + 1 : 0
            // Exit status 0: it was asked to exit.
            part.pause =
                lived > .seconds(10) || end == .exited(0)
                ? .zero : min(Self.longestPause, part.pause * 2 + .milliseconds(100))
            log("\(part.name) ended with \(end); restarting it")
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

    /// nginx first, which exits when its requests are answered; then the responders. A process that does not
    /// exit gets SIGTERM, and later SIGKILL.
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
                // Responders that are asked to exit end long waits at once.
                for part in responders { try? replace(part) }
            }
            waitForNginx(Self.timeout - .seconds(2))
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
            if waited > Self.timeout - .seconds(2) {
                for child in left { child.sendToGroup(waited > Self.timeout ? SIGKILL : SIGTERM) }
            }
        }
    }
}
