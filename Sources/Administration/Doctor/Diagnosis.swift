import Settings

/// Compares settings, disk, database and nginx, and tries them on the service.
package enum Diagnosis {
    package static func findings(_ settings: Settings) -> [Finding] {
        VersionCheck(settings).findings() + SettingsCheck(settings).findings()
            + FolderCheck(settings).findings() + CatalogCheck(settings).findings()
            + ConfinementCheck.findings() + FormatsCheck(settings).findings() + gateway(settings)
            + RoundTrip(settings).findings()
    }

    /// On shared hosting `deploy shared-hosting --check` tries the web server.
    private static func gateway(_ settings: Settings) -> [Finding] {
        guard !WebSpace.isDeployed(settings.configuration.folders) else { return [] }
        return NginxCheck(settings).findings() + ServiceCheck(settings).findings()
    }
}
