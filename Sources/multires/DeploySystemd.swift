import Administration
import ArgumentParser
import Foundation
import Model
import Processes

struct DeploySystemd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd",
        abstract: "Write sandboxed systemd units for responders and workers.",
        discussion: """
            The sockets start the responders; multires.target contains all units. Run this again \
            after a change of MULTIRES_DATA or of the folder of the programs, then run "systemctl \
            daemon-reload".
            """)

    @Option(help: "The folder to write to; systemd reads /etc/systemd/system.")
    var to: String

    @Option(help: "The owner of the data folder; all units run as this user.")
    var user = "multires"

    @Option(help: "The file with the settings, including MULTIRES_DATA.")
    var settings = "/etc/multires/multires.env"

    @Option(help: "The folder of the installed programs; default: the folder of this program.")
    var programs: String?

    func run() throws {
        let configuration = try Settings().configuration
        guard let home = ProgramFiles.home(ProcessInfo.processInfo.environment) else {
            throw ConfigurationError(
                "deploy/systemd was not found. Set MULTIRES_HOME to the folder that contains "
                    + "deploy/.")
        }
        let units = SystemdUnits(
            templates: home + "/deploy/systemd",
            values: [
                "DATA": configuration.data, "USER": user, "SETTINGS": settings,
                "PROGRAMS": programs ?? ProgramFiles.folder,
            ])
        guard FileManager.default.fileExists(atPath: to) else {
            throw ConfigurationError("--to: \"\(to)\" does not exist. Create it first.")
        }
        // 0644, as for all units: they name the file with the settings, and contain no secret.
        for (name, text) in try units.texts() {
            try Files.write(text.utf8, to: "\(to)/\(name)", mode: 0o644)
        }
    }
}
