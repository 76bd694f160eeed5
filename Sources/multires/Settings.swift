import Catalog
import Credentials
import Foundation
import Processes

/// Settings come from the environment; what it does not set, from the file MULTIRES_SETTINGS, as an
/// installed `multires` has it, or else from `.env` in the current folder.
struct Settings {
    let environment: [String: String]
    let configuration: Configuration

    /// Read anew each time. One sentence and a non-zero exit for a mistake in them.
    init() throws {
        let own: [String: String]
        do {
            own = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
        } catch {
            throw Failure("What MULTIRES_SETTINGS names is not there, or may not be read: \(error)")
        }
        let file = own["MULTIRES_SETTINGS"] == nil ? try EnvironmentFile.read(".env") : [:]
        environment = file.merging(own) { _, own in own }
        do {
            configuration = try Configuration(environment)
        } catch let mistake as SettingReader.Mistake {
            throw Failure(mistake.description)
        }
    }

    /// How responders are run.
    var gateway: ResponderStyle {
        environment["MULTIRES_GATEWAY"].flatMap(ResponderStyle.init) ?? .fastcgi
    }

    /// With the secrets as they are now; the arguments are those of `NginxFiles`.
    func nginxFiles(workers: Int = 2, accessLog: String? = nil) throws -> NginxFiles {
        guard let home = ProgramFiles.home(environment) else {
            throw Failure(
                "nginx/multires.conf was not found: set MULTIRES_HOME to its project's folder.")
        }
        let secrets = try Secrets(environment: environment, file: configuration.folders.secrets)
        return NginxFiles(
            configuration, secrets, home: home, gateway: gateway, workers: workers,
            accessLog: accessLog)
    }
}

/// As they are meant to be, or a process per request as on shared hosts, to try that.
enum ResponderStyle: String {
    case fastcgi, cgi
}
