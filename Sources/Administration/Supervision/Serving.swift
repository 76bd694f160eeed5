import Foundation
import Media
import Model
import Processes
import Settings

/// `multires serve`: prepares the data folder and nginx's files, and runs all programs.
package enum Serving {
    /// Returns when it was told to stop, and everything has ended.
    package static func run(_ consent: DataFolder.Consent) throws {
        let settings = try Settings()
        let nginx = try Nginx.program(settings.environment)
        let configuration = settings.configuration
        LogLine.use(configuration.log.rawValue)
        guard configuration.data.utf8.count <= DataFolders.servedLength else {
            throw Unusable(
                "The path \(configuration.data) is too long for a data folder, since sockets lie "
                    + "below it: set MULTIRES_DATA to one of \(DataFolders.servedLength) bytes or less."
            )
        }
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        try withReservedBytes(configuration) {
            try DataFolder.prepare(configuration, settings.environment, consent)
        }
        DataFolder.tryFormats(configuration)
        let lock = try FileLock(path: configuration.folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive) else {
            throw Unusable(
                "\(configuration.data) is being served already, by another \"multires serve\".")
        }
        let supervised = try Supervised(configuration.folders)
        let strays = supervised.endStale()
        try checkAddress(configuration.listen, configuration.port)
        try withReservedBytes(configuration) {
            try settings.nginxFiles().write(to: configuration.folders.nginx)
            // What nginx refuses it would refuse each time it is started.
            try Nginx.test(nginx, configuration.folders.nginx)
        }

        try Supervisor(settings, nginx: nginx, supervised, strays).run(until: signals) {
            let fresh = try Settings()
            guard fresh.configuration.data == configuration.data else {
                throw Unusable("MULTIRES_DATA has changed: stop and start \"multires serve\".")
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

    /// With no byte free a start needs some, so that images can be seen and deleted.
    private static func withReservedBytes(_ configuration: Configuration, _ body: () throws -> Void)
        throws
    {
        do {
            try Ballast(configuration).makingRoom(for: .start, body)
        } catch
            where Ballast.isFull(error) || (error as? CocoaError)?.code == .fileWriteOutOfSpace
        {
            throw Unusable(
                "The disk of \(configuration.data) is full, and a start needs more than what is "
                    + "left in \(configuration.folders.ballast): free some space there.")
        }
    }

    /// Says which setting to change.
    private static func checkAddress(_ address: String, _ port: Int) throws {
        switch LocalPort.obstacle(address, port) {
        case 0: return
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            throw Unusable(
                "MULTIRES_LISTEN is \"\(address)\", which is no address of this machine: set it to one, "
                    + "or to 127.0.0.1 for this machine alone or 0.0.0.0 for the network.")
        case EACCES:
            throw Unusable(
                "Port \(port) on \(address) is not allowed to this user: set MULTIRES_PORT to one above "
                    + "1023.")
        default:
            throw Unusable("Port \(port) on \(address) is taken: set MULTIRES_PORT to another.")
        }
    }
}
