import Credentials
import Foundation
import Model
import Operations
import Processes
import Settings

/// Settings come from the environment; what it does not set, from the file MULTIRES_SETTINGS, as an
/// installed `multires` has it, or else from `.env` in the current folder.
package struct Settings {
    package let environment: [String: String]
    package let configuration: Configuration

    /// Read anew each time. One sentence and a non-zero exit for a mistake in them.
    package init() throws {
        let own: [String: String]
        do {
            own = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
        } catch {
            throw Unusable(
                "What MULTIRES_SETTINGS names is not there, or may not be read: \(error)")
        }
        let file = own["MULTIRES_SETTINGS"] == nil ? try EnvironmentFile.read(".env") : [:]
        environment = file.merging(own) { _, own in own }
        configuration = try Configuration(environment)
        // Another module's; only responders that hash read it, which are started later.
        _ = try Scrypt(setting: configuration.scrypt)
    }

    package func operations() throws -> Operations {
        Operations(
            configuration, try CatalogEngine.open(configuration, for: .worker),
            environment: environment)
    }

    /// With the secrets as they are now; the arguments are those of `NginxFiles`.
    package func nginxFiles(workers: Int = 2, accessLog: String? = nil) throws -> NginxFiles {
        let home = ProgramFiles.home(environment) ?? ""
        guard FileManager.default.fileExists(atPath: home + "/nginx/multires.conf") else {
            let named = configuration.home
            throw Unusable(
                (named.isEmpty
                    ? "nginx/multires.conf was not found: set MULTIRES_HOME to "
                    : "MULTIRES_HOME is \"\(named)\", where there is no nginx/multires.conf: set it to ")
                    + "the folder that holds nginx/ and www/.")
        }
        let secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        return try NginxFiles(
            configuration, secrets, home: home, workers: workers, accessLog: accessLog)
    }
}
