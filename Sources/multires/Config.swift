import Administration
import ArgumentParser
import Credentials
import Model

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists every setting with its value, its default and the reason for it.")

    func run() throws {
        for setting in try Settings().configuration.settings {
            let changed = setting.value == setting.standard ? "" : "  (default \(setting.standard))"
            print("\(setting.name)=\(setting.value)\(changed)\n    \(setting.reason)")
        }
        for name in Secrets.names {
            print(
                "\(name)=\n    a secret, never shown; not set: the one in secrets.env in the data folder"
            )
        }
    }
}
