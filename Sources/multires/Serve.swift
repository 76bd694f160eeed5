import Administration
import ArgumentParser

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves everything from one data folder until Ctrl-C; SIGHUP reads all anew.")

    @OptionGroup var consent: Consent

    func run() throws {
        try Serving.run(consent.answers)
    }
}
