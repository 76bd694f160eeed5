import Administration
import ArgumentParser
import Model

/// The root command. A subcommand parses options, calls Administration or an operation of Operations, and
/// prints the result. The rest is the same for all: they read the settings with Administration's `Settings`,
/// so they use the data folder of `serve` (`deploy shared-hosting` uses the settings of its site instead);
/// they print with Administration's `print`, which escapes control characters; and a `ConfigurationError`
/// ends them with its sentence and exit status 1.
@main
struct Multires: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multires",
        abstract: "Serve photos in every size that a web page needs, and manage the service.",
        version: multiresVersion,
        subcommands: [
            Serve.self, Init.self, Config.self, Presets.self, Doctor.self, Stats.self, Users.self,
            Images.self, Jobs.self, Backup.self, Restore.self, CollectGarbage.self, Deploy.self,
        ])
}
