import Foundation
import Model

/// nginx's files: right, and those that these settings and secrets make.
package struct NginxCheck {
    private let settings: Settings

    package init(_ settings: Settings) {
        self.settings = settings
    }

    package func findings() -> [Finding] {
        let folder = settings.configuration.folders.nginx
        guard FileManager.default.fileExists(atPath: folder + "/serve.conf") else {
            return [
                Finding(
                    .warning, "nginx",
                    "\"multires serve\" has written no files yet; for a distribution's nginx see "
                        + "\"multires deploy nginx\".")
            ]
        }
        return Administration.findings("nginx") {
            try Nginx.test(Nginx.program(settings.environment), folder)
            let stale = try settings.nginxFiles().texts(for: folder).filter { name, text in
                (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) != text
            }
            return [
                Finding(
                    "nginx", stale.isEmpty, ok: "its files are right, and as the settings say",
                    else: .warning,
                    "\(stale.keys.sorted().joined(separator: ", ")) is not what the settings say "
                        + "now: send SIGHUP to \"multires serve\", or start it again.")
            ]
        }
    }
}
