import Administration
import ArgumentParser

/// The preparation that `serve` does at its start, as a separate command: systemd's units start the programs
/// without `serve` (deploy/systemd/multires-init.service).
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create or upgrade the data folder, its secrets and database; safe to repeat.")

    @OptionGroup var consent: DataLossOptions

    func run() throws {
        let settings = try Settings()
        try DataFolder.prepare(settings.configuration, settings.environment, consent.answers)
    }
}
