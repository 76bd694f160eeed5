import Administration
import ArgumentParser

struct Deploy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the files to run Multires with systemd, nginx or shared hosting.",
        subcommands: [DeployNginx.self, DeploySystemd.self, DeploySharedHosting.self])
}
