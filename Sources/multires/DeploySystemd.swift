import Administration
import ArgumentParser
import Foundation
import Model
import Processes

struct DeploySystemd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd",
        abstract: "Writes units for responders and workers, each shut in as far as it goes.",
        discussion: """
            The responders are started by their sockets; multires.target is all of it. Again after a \
            change of MULTIRES_DATA, or with other programs; then "systemctl daemon-reload".
            """)

    @Option(help: "The folder to write to; systemd reads /etc/systemd/system.")
    var to: String

    @Option(help: "Who the data folder belongs to, and who everything runs as.")
    var user = "multires"

    @Option(help: "The file with the settings, MULTIRES_DATA among them.")
    var settings = "/etc/multires/multires.env"

    @Option(help: "The folder of the programs, if they will not stay where they are.")
    var programs: String?

    func run() throws {
        let configuration = try Settings().configuration
        guard let home = ProgramFiles.home(ProcessInfo.processInfo.environment) else {
            throw Unusable(
                "deploy/systemd was not found: set MULTIRES_HOME to its project's folder.")
        }
        let units = SystemdUnits(
            templates: home + "/deploy/systemd",
            values: [
                "DATA": configuration.data, "USER": user, "SETTINGS": settings,
                "PROGRAMS": programs ?? ProgramFiles.folder,
            ])
        for (name, text) in try units.texts() {
            try Files.write(text.utf8, to: "\(to)/\(name)", mode: 0o644)
        }
    }
}
