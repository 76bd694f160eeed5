import Foundation
import Media
import Model
import Processes
import Settings

/// `multires serve`: prepares the data folder and nginx's files, and runs all programs.
package enum Serving {
    /// Returns after a signal to stop, when all programs have exited.
    package static func run(_ consent: DataFolder.DataLossOptions) throws {
        let settings = try Settings()
        let nginx = try Nginx.program(settings.environment)
        let configuration = settings.configuration
        LogRecord.use(configuration.log.rawValue)
        guard configuration.data.utf8.count <= DataFolders.servedLength else {
            throw ConfigurationError(
                "MULTIRES_DATA: \"\(configuration.data)\" is too long for a data folder, which has "
                    + "UNIX sockets in it. Use a path of \(DataFolders.servedLength) bytes or less."
            )
        }
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        try withReservedBytes(configuration) {
            try DataFolder.prepare(configuration, settings.environment, consent)
        }
        DataFolder.tryFormats(configuration)
        let lock = try FileLock(path: configuration.folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive) else {
            throw ConfigurationError(
                "\(configuration.data) is already served by another \"multires serve\". Stop it "
                    + "first.")
        }
        let supervised = try Supervised(configuration.folders)
        let strays = supervised.stopPrevious()
        try checkAddress(configuration.listen, configuration.port)
        try withReservedBytes(configuration) {
            try settings.nginxFiles().write(to: configuration.folders.nginx)
            // If nginx does not accept its files, a restart would not help.
            try Nginx.test(nginx, configuration.folders.nginx)
        }

        try Supervisor(settings, nginx: nginx, supervised, strays).run(until: signals) {
            let fresh = try Settings()
            guard fresh.configuration.data == configuration.data else {
                throw ConfigurationError("MULTIRES_DATA has changed. Restart \"multires serve\".")
            }
            // Tested in another folder first, so that an error leaves the working files.
            let files = try fresh.nginxFiles()
            let trial = configuration.folders.nginx + "/trial"
            defer { try? FileManager.default.removeItem(atPath: trial) }
            try files.write(to: trial)
            try Nginx.test(nginx, trial)
            try files.write(to: configuration.folders.nginx)
            return fresh
        }
    }

    /// On a full disk, a start uses reserved space, so that images can be viewed and deleted.
    private static func withReservedBytes(_ configuration: Configuration, _ body: () throws -> Void)
        throws
    {
        do {
            try ReservedSpace(configuration).withReservedSpace(for: .start, body)
        } catch
            where ReservedSpace.isFull(error)
            || (error as? CocoaError)?.code == .fileWriteOutOfSpace
        {
            throw ConfigurationError(
                "The disk of \(configuration.data) is full, and the space reserved in "
                    + "\(configuration.folders.reservedSpace) is not enough for a start. Free some "
                    + "space.")
        }
    }

    /// Throws `ConfigurationError`, which names the setting to change, if nginx cannot listen there.
    private static func checkAddress(_ address: String, _ port: Int) throws {
        var obstacle = LocalPort.obstacle(address, port)
        // The kernel may close the socket of a killed nginx a moment after its process can no longer be seen.
        for _ in 0..<300 where obstacle == EADDRINUSE {
            usleep(10_000)
            obstacle = LocalPort.obstacle(address, port)
        }
        switch obstacle {
        case 0: return
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            throw ConfigurationError(
                "MULTIRES_LISTEN: \"\(address)\" is not an address of this machine. Use one of its "
                    + "addresses, 127.0.0.1 for this machine only, or 0.0.0.0 for the network.")
        case EACCES:
            throw ConfigurationError(
                "This user may not listen on port \(port) of \(address). Set MULTIRES_PORT to a "
                    + "port above 1023.")
        default:
            throw ConfigurationError(
                "Port \(port) on \(address) is already in use. Stop the program that uses it, or "
                    + "set MULTIRES_PORT to another port.")
        }
    }
}
