import Foundation
import Model

/// Checks that nginx accepts its files, and that they match the current settings and secrets.
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
                    "\"multires serve\" has not written nginx's files yet. Start it, or run "
                        + "\"multires deploy nginx\" for the distribution's nginx.")
            ]
        }
        return Administration.findings("nginx") {
            try Nginx.test(Nginx.program(settings.environment), folder)
            let stale = try settings.nginxFiles().texts(for: folder).filter { name, text in
                (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) != text
            }
            return [
                Finding(
                    "nginx", stale.isEmpty, ok: "its files are valid and match the settings",
                    else: .warning,
                    "files that do not match the current settings: "
                        + "\(stale.keys.sorted().joined(separator: ", ")). Send SIGHUP to "
                        + "\"multires serve\", or restart it.")
            ]
        }
    }
}
