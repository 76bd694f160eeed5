import ArgumentParser
import Catalog

struct Presets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The sizes every image gets, and how they are encoded.",
        subcommands: [PresetsShow.self, PresetsPlan.self, PresetsApply.self],
        defaultSubcommand: PresetsShow.self)
}

struct PresetsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints the preset in force, as a file to change.",
        discussion: """
            Save it as presets.json in the data folder (or where MULTIRES_PRESETS says), change it, and \
            send "multires serve" a SIGHUP. New uploads get the new sizes, "multires presets apply" \
            gives them to images that are there; a size that is not changed keeps its addresses.
            """)

    func run() throws {
        print(PresetFile.text(try Settings().configuration.preset))
    }
}
