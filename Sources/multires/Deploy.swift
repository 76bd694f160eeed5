import Administration
import ArgumentParser

struct Deploy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a server needs to run this under its own services.",
        subcommands: [DeployNginx.self, DeploySystemd.self, DeploySharedHosting.self])
}
