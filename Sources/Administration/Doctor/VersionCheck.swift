import Processes

/// Compares the versions of nginx and libraries, from Debian's package database, with known bad ones.
package struct VersionCheck {
    private struct Minimum {
        let subject: String
        /// The package's names; some packages have another name in Debian 13.
        let packages: [String]
        /// The first good version for versions from `from` on: each Debian release has its own.
        let versions: [(from: String, good: String)]
        /// What an older version has, from Debian's changelogs of these versions.
        let flaw: String
    }

    private static let minima = [
        Minimum(
            subject: "libfcgi", packages: ["libfcgi0ldbl", "libfcgi0t64"],
            versions: [("0", "2.4.2-2+deb12u1")],
            flaw: "a heap overflow that a request can reach (CVE-2025-23016)"),
        Minimum(
            subject: "nginx version", packages: ["nginx"],
            versions: [("0", "1.22.1-9+deb12u11"), ("1.26", "1.26.3-3+deb13u11")],
            flaw: "flaws in reading request bodies and mapping paths (CVE-2026-118899, "
                + "CVE-2026-15176)"),
        Minimum(
            subject: "libvips", packages: ["libvips42", "libvips42t64"],
            versions: [("0", "8.13")],
            flaw: "no way to switch off loaders that are not safe for untrusted files"),
    ]

    private let environment: [String: String]

    package init(_ settings: Settings) {
        environment = settings.environment
    }

    package func findings() -> [Finding] { Self.minima.compactMap(finding) }

    private func finding(_ minimum: Minimum) -> Finding? {
        // No package is installed if the programs came with their libraries, or if this is not Debian.
        let installed = minimum.packages.lazy.compactMap { package in
            output("dpkg-query", ["-W", "-f", "${Version}", package])
                .flatMap { $0.isEmpty ? nil : (package, $0) }
        }
        guard let (package, version) = installed.first,
            let good = minimum.versions.last(where: { isAtLeast(version, $0.from) })?.good
        else { return nil }
        return Finding(
            minimum.subject, isAtLeast(version, good), ok: version,
            "\(version) has \(minimum.flaw). Run apt-get update && apt-get install \(package), "
                + "then restart the service.")
    }

    private func isAtLeast(_ version: String, _ other: String) -> Bool {
        output("dpkg", ["--compare-versions", version, "ge", other]) != nil
    }

    /// What the program prints; nil if it cannot be started or its exit status is not 0.
    private func output(_ program: String, _ arguments: [String]) -> String? {
        let output = try? ProgramOutput(of: program, arguments, environment: environment)
        return output.flatMap { $0.hasSucceeded ? $0.text : nil }
    }
}
