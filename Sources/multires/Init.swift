import Administration
import ArgumentParser

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the data folder, its secrets and its database; again does no harm.")

    @OptionGroup var consent: Consent

    func run() throws {
        let settings = try Settings()
        try DataFolder.prepare(settings.configuration, settings.environment, consent.answers)
    }
}
