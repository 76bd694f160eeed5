import Administration
import ArgumentParser
import Model
import Settings

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
            Write it into another file, change that, move it to presets.json in the data folder (or \
            where MULTIRES_PRESETS says), and send "multires serve" a SIGHUP. New uploads get the new \
            sizes, "multires presets apply" gives them to images that are there; a size that is not \
            changed keeps its addresses.
            """)

    func run() throws {
        print(PresetFile.text(try Settings().configuration.preset))
    }
}

struct PresetsPlan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Says what the preset in force would make, and remove, of images that are there.",
        discussion: "Nothing is changed. Bytes and minutes are measured on a few of those images.")

    func run() throws {
        let change = try PresetChange()
        var tally = PresetTally()
        try change.visit { tally.add($0) }
        print("\(tally.images) of \(tally.all) complete images change")
        guard tally.images > 0 else { return }
        for (name, count) in tally.made.sorted(by: { $0.key < $1.key }) {
            print("  \(count) files \(name) are made")
        }
        for (name, gone) in tally.removed.sorted(by: { $0.key < $1.key }) {
            print("  \(gone.files) files \(name) go, \(HumanReadable.bytes(gone.bytes))")
        }
        let trial = try change.trial(of: tally.samples)
        let work = trial.time * Double(tally.images) / Double(change.configuration.resizers)
        let bytes = Double(trial.bytes) * Double(tally.images)
        let grace = change.configuration.sizesGrace
        print(
            """
            about \(HumanReadable.bytes(Int64(bytes))) are made in about \(HumanReadable.time(work)) \
            (as tried on \(trial.count) of them); what goes does so \(HumanReadable.time(grace)) later
            """)
    }
}

struct PresetsApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Gives images that are there the sizes of the preset in force.",
        discussion: """
            In the background, after every upload. The old sizes are served until the new ones are \
            there, and their addresses go on for MULTIRES_SIZES_GRACE. Cut short or run again, it \
            goes on where it was.
            """)

    @Flag(help: "Stay and show how far it is; ending that ends nothing else.")
    var wait = false

    func run() throws {
        let change = try PresetChange()
        try change.checkWorkers()
        let queued = try change.queue()
        print("\(queued) images are made anew, whenever nothing else waits")
        if wait { try change.watch() }
    }
}
