import ArgumentParser
import Catalog
import Credentials
import Foundation
import Processes

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves everything from one data folder until Ctrl-C.")

    func run() throws {
        let environment = try Settings.environment()
        let configuration = try Settings.configuration()
        guard let home = ProgramFiles.home(environment) else {
            throw Failure(
                "nginx/multires.conf was not found: set MULTIRES_HOME to its project's folder.")
        }
        guard let nginx = Nginx.program(environment) else {
            throw Failure("nginx is not installed: run \"make deps\", or install Debian's nginx.")
        }
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        try DataFolder.prepare(configuration)
        let lock = try FileLock(path: configuration.folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive) else {
            throw Failure(
                "\(configuration.data) is being served already, by another \"multires serve\".")
        }
        Nginx.endStale(configuration.folders)
        guard LocalPort.isFree(configuration.listen, configuration.port) else {
            throw Failure(
                "Port \(configuration.port) on \(configuration.listen) is taken or not allowed: "
                    + "set MULTIRES_PORT to another.")
        }
        let secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        try Nginx.render(configuration, secrets, home: home, gateway: gateway(environment))

        let supervisor = try Supervisor(
            configuration, environment, nginx: nginx, gateway: gateway(environment))
        try supervisor.run(until: signals)
    }

    /// How responders are run: as they are meant to be, or a process per request as on shared hosts,
    /// to try that.
    private func gateway(_ environment: [String: String]) -> ResponderStyle {
        environment["MULTIRES_GATEWAY"].flatMap(ResponderStyle.init) ?? .fastcgi
    }
}

enum ResponderStyle: String {
    case fastcgi, cgi
}
