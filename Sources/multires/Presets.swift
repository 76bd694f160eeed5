import Administration
import ArgumentParser
import Model
import Settings

struct Presets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the sizes that images get, and render them for existing images.",
        subcommands: [PresetsShow.self, PresetsPlan.self, PresetsApply.self],
        defaultSubcommand: PresetsShow.self)
}

struct PresetsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the current preset as a file that you can edit.",
        discussion: """
            Write the output to a file, edit it, and move it to presets.json in the data folder \
            (or to the path in MULTIRES_PRESETS). Then send "multires serve" a SIGHUP. New uploads \
            get the new sizes; "multires presets apply" renders them for existing images. A size \
            that you do not change keeps its URLs.
            """)

    func run() throws {
        print(PresetFile.text(try Settings().configuration.preset))
    }
}

struct PresetsPlan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what \"apply\" would render and remove for existing images.",
        discussion: "Changes nothing. Bytes and time are estimated from a few of the images.")

    func run() throws {
        let change = try PresetChange()
        var tally = PresetTally()
        try change.visit { tally.add($0) }
        print("complete images that change: \(tally.images) of \(tally.all)")
        guard tally.images > 0 else { return }
        for (name, count) in tally.made.sorted(by: { $0.key < $1.key }) {
            print("  \(name): \(HumanReadable.count(count, "file")) will be rendered")
        }
        for (name, gone) in tally.removed.sorted(by: { $0.key < $1.key }) {
            print(
                "  \(name): \(HumanReadable.count(gone.files, "file")) will be removed, "
                    + HumanReadable.bytes(gone.bytes))
        }
        let trial = try change.trial(of: tally.samples)
        // The trial renders one image at a time; the worker renders as many as there are resizers.
        let work = trial.time * Double(tally.images) / Double(change.configuration.resizers)
        let bytes = Double(trial.bytes) * Double(tally.images)
        let grace = change.configuration.sizesGrace
        print(
            """
            about \(HumanReadable.bytes(Int64(bytes))) will be rendered in about \
            \(HumanReadable.time(work)) (measured on \
            \(HumanReadable.count(trial.count, "image"))); replaced files are removed \
            \(HumanReadable.time(grace)) later
            """)
    }
}

struct PresetsApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Render the sizes of the current preset for existing images.",
        discussion: """
            The worker does this in the background, after all uploads. The old sizes are served \
            until the new ones exist, and their URLs keep working for MULTIRES_SIZES_GRACE. \
            If it is interrupted or run again, it continues.
            """)

    @Flag(help: "Wait and show the progress; Ctrl-C stops only the waiting, not the work.")
    var wait = false

    func run() throws {
        let change = try PresetChange()
        // Otherwise a worker with another preset would render that preset's variants.
        try change.checkWorkers()
        let queued = try change.queue()
        print(HumanReadable.count(queued, "image") + " queued; rendered when no upload waits")
        if wait { try change.watch() }
    }
}
