import Settings

/// The checks of `multires doctor`: settings, disk, database, nginx, and the running service.
package enum DoctorChecks {
    package static func findings(_ settings: Settings) -> [Finding] {
        VersionCheck(settings).findings() + SettingsCheck(settings).findings()
            + FolderCheck(settings).findings() + CatalogCheck(settings).findings()
            + SandboxCheck.findings() + FormatsCheck(settings).findings() + gateway(settings)
            + RoundTrip(settings).findings()
    }

    /// On shared hosting, `deploy shared-hosting --check` tests the web server instead.
    private static func gateway(_ settings: Settings) -> [Finding] {
        guard !SharedHostingSite.isDeployed(settings.configuration.folders) else { return [] }
        return NginxCheck(settings).findings() + ServiceCheck(settings).findings()
    }
}
