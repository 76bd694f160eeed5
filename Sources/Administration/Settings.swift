import Credentials
import Foundation
import Model
import Operations
import Processes
import Settings

/// The settings of a command. A setting that the environment does not have comes from the file that
/// MULTIRES_SETTINGS names, as for an installed `multires`, or else from `.env` in the current folder.
package struct Settings {
    package let environment: [String: String]
    package let configuration: Configuration

    /// Reads the settings. Throws `ConfigurationError` if one is not valid, or if the file cannot be read.
    package init() throws {
        let own = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
        let file = own["MULTIRES_SETTINGS"] == nil ? try EnvironmentFile.read(".env") : [:]
        environment = file.merging(own) { _, own in own }
        configuration = try Configuration(environment)
        // `Configuration` does not parse this setting. Otherwise only a responder that hashes would
        // report an error in it.
        _ = try Scrypt(setting: configuration.scrypt)
    }

    package func operations() throws -> Operations {
        Operations(
            configuration, try CatalogEngine.open(configuration, for: .worker),
            environment: environment)
    }

    /// nginx's files with the current secrets; the arguments are those of `NginxFiles`.
    package func nginxFiles(workers: Int = 2, accessLog: String? = nil) throws -> NginxFiles {
        let home = ProgramFiles.home(environment) ?? ""
        guard FileManager.default.fileExists(atPath: home + "/nginx/multires.conf") else {
            let named = configuration.home
            throw ConfigurationError(
                (named.isEmpty
                    ? "nginx/multires.conf was not found. Set MULTIRES_HOME to "
                    : "MULTIRES_HOME: \"\(named)\" has no nginx/multires.conf. Set it to ")
                    + "the folder that contains nginx/ and www/.")
        }
        let secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        return try NginxFiles(
            configuration, secrets, home: home, workers: workers, accessLog: accessLog)
    }
}
