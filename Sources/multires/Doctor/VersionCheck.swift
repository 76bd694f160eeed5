import Foundation

/// The libraries and nginx against those known to be bad, by Debian's package database.
struct VersionCheck {
    /// What an older one has: Debian's changelogs of these versions.
    private static let minima: [(subject: String, package: String, version: String, flaw: String)] =
        [
            (
                "libfcgi", "libfcgi0ldbl", "2.4.2-2+deb12u1",
                "a heap overflow that a request can reach (CVE-2025-23016)"
            ),
            (
                "nginx version", "nginx", "1.22.1-9+deb12u11",
                "flaws in reading request bodies and mapping paths (CVE-2026-118899, CVE-2026-15176)"
            ),
            (
                "libvips", "libvips42", "8.13",
                "no way to switch off loaders that are not meant for strangers' files"
            ),
        ]

    private let environment: [String: String]

    init(_ settings: Settings) {
        environment = settings.environment
    }

    func findings() -> [Finding] {
        Self.minima.compactMap { subject, package, minimum, flaw in
            // Not installed, as libvips on a machine that is given its programs, or no Debian.
            guard
                let version = output("dpkg-query", ["-W", "-f", "${Version}", package]),
                !version.isEmpty
            else { return nil }
            let isNew = output("dpkg", ["--compare-versions", version, "ge", minimum]) != nil
            return Finding(
                subject, isNew, ok: version,
                "\(version) has \(flaw): run apt-get update && apt-get install \(package), then "
                    + "start the service again.")
        }
    }

    /// Nil when it is not there or its exit status is not 0.
    private func output(_ program: String, _ arguments: [String]) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = environment
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: said, as: UTF8.self) : nil
    }
}
