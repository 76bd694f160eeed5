import ArgumentParser
import Catalog
import Foundation

@main
struct Multires: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multires",
        abstract: "Takes a photo and serves every size a web page needs.",
        subcommands: [Serve.self, Init.self, Config.self, Users.self])
}

/// Settings come from the environment; what it does not set, from `.env` in the current folder.
enum Settings {
    static func environment() throws -> [String: String] {
        let file = try EnvironmentFile.read(".env")
        return file.merging(ProcessInfo.processInfo.environment) { _, own in own }
    }

    /// One sentence and a non-zero exit for a mistake in them.
    static func configuration() throws -> Configuration {
        do {
            return try Configuration(environment())
        } catch let mistake as SettingReader.Mistake {
            throw Failure(mistake.description)
        }
    }
}

/// One clear sentence on standard error, and exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
