import ArgumentParser

@main
struct Multires: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multires",
        abstract: "Takes a photo and serves every size a web page needs.",
        subcommands: [
            Serve.self, Init.self, Config.self, Presets.self, Doctor.self, Backup.self, Restore.self,
            Deploy.self,
            Users.self,
        ])
}

/// One clear sentence on standard error, and exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
