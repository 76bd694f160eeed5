import Foundation
import Model
import Settings

/// Settings that fit one another, and the way the service is reached.
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
                "user", getuid() != 0, ok: "no root", else: .warning,
                "this is root; everything needs an ordinary user alone, who owns the data folder."),
            Finding(
                "address", isLocal || !["localhost", "127.0.0.1"].contains(host),
                ok: "links begin with \(configuration.url)", else: .warning,
                "the service is open on \(configuration.listen), and its links begin with "
                    + "\(configuration.url): set MULTIRES_URL to what people call this server."),
            Finding(
                "rate limits", configuration.rateLimits == .on, ok: "on", else: .warning,
                "off: remove MULTIRES_RATE_LIMITS=off unless this is a benchmark."),
        ]
    }
}
