import Administration
import ArgumentParser
import Model

@main
struct Multires: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multires",
        abstract: "Takes a photo and serves every size a web page needs.",
        version: multiresVersion,
        subcommands: [
            Serve.self, Init.self, Config.self, Presets.self, Doctor.self, Stats.self, Users.self,
            Images.self, Jobs.self, Backup.self, Restore.self, CollectGarbage.self, Deploy.self,
        ])
}
