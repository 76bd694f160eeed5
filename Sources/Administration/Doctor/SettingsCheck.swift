import Foundation
import Model
import Settings

/// Checks the user, and settings that must fit each other.
package struct SettingsCheck {
    private let configuration: Configuration

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func findings() -> [Finding] {
        let isLocal = ["127.0.0.1", "::1", "localhost"].contains(configuration.listen)
        let host = URL(string: configuration.url)?.host ?? ""
        return [
            Finding(
                "user", getuid() != 0, ok: "not root", else: .warning,
                "running as root is not needed. Run everything as an ordinary user that owns "
                    + "the data folder."),
            Finding(
                "address", isLocal || !["localhost", "127.0.0.1"].contains(host),
                ok: "links begin with \(configuration.url)", else: .warning,
                "the service can be reached on \(configuration.listen), but its links begin with "
                    + "\(configuration.url). Set MULTIRES_URL to the public address of this "
                    + "server."),
            Finding(
                "rate limits", configuration.rateLimits == .on, ok: "on", else: .warning,
                "off. Remove MULTIRES_RATE_LIMITS=off unless this is a benchmark."),
        ]
    }
}
