import ArgumentParser
import Catalog
import Credentials
import Foundation
import Processes

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves everything from one data folder until Ctrl-C; SIGHUP reads all anew.")

    @OptionGroup var consent: DataFolder.Consent

    func run() throws {
        let settings = try Settings()
        let nginx = try Nginx.program(settings.environment)
        let configuration = settings.configuration
        LogLine.use(configuration.log.rawValue)
        guard configuration.data.utf8.count <= DataFolders.servedLength else {
            throw Failure(
                "The path \(configuration.data) is too long for a data folder, since sockets lie "
                    + "below it: set MULTIRES_DATA to one of \(DataFolders.servedLength) bytes or less."
            )
        }
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        try DataFolder.prepare(configuration, settings.environment, consent)
        let lock = try FileLock(path: configuration.folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive) else {
            throw Failure(
                "\(configuration.data) is being served already, by another \"multires serve\".")
        }
        let supervised = try Supervised(configuration.folders)
        let strays = supervised.endStale()
        guard LocalPort.isFree(configuration.listen, configuration.port) else {
            throw Failure(
                "Port \(configuration.port) on \(configuration.listen) is taken or not allowed: "
                    + "set MULTIRES_PORT to another.")
        }
        try settings.nginxFiles().write(to: configuration.folders.nginx)

        try Supervisor(settings, nginx: nginx, supervised, strays).run(until: signals) {
            let fresh = try Settings()
            guard fresh.configuration.data == configuration.data else {
                throw Failure("MULTIRES_DATA has changed: stop and start \"multires serve\".")
            }
            // Tried in a folder beside, so that a mistake leaves the files that work.
            let files = try fresh.nginxFiles()
            let trial = configuration.folders.nginx + "/trial"
            defer { try? FileManager.default.removeItem(atPath: trial) }
            try files.write(to: trial)
            try Nginx.test(nginx, trial)
            try files.write(to: configuration.folders.nginx)
            return fresh
        }
    }
}
