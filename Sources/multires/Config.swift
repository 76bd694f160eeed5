import Administration
import ArgumentParser
import Credentials
import Model

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List every setting with its value, its default and the reason for the default.")

    func run() throws {
        for setting in try Settings().configuration.settings {
            let changed =
                setting.value == setting.defaultValue ? "" : "  (default \(setting.defaultValue))"
            print("\(setting.name)=\(setting.value)\(changed)\n    \(setting.reason)")
        }
        // Secrets are not among the settings, because their values must not be printed.
        for name in Secrets.names {
            print(
                "\(name)=\n    a secret, never printed; if not set, the one in secrets.env in the "
                    + "data folder is used"
            )
        }
    }
}
