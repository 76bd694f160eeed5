import ArgumentParser
import Catalog

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists every setting with its value, its default and the reason for it.")

    func run() throws {
        for setting in try Settings().configuration.settings {
            let changed = setting.value == setting.standard ? "" : "  (default \(setting.standard))"
            print("\(setting.name)=\(setting.value)\(changed)\n    \(setting.reason)")
        }
    }
}
