import Administration
import ArgumentParser

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run nginx and all programs until Ctrl-C; SIGHUP reloads settings and secrets.")

    @OptionGroup var consent: DataLossOptions

    func run() throws {
        // This also prepares the data folder, so a first start needs no `init`.
        try Serving.run(consent.answers)
    }
}
