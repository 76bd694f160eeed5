import Administration
import ArgumentParser
import Model
import Operations

struct CollectGarbage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Removes what crashes left, as resize-worker does every few minutes.")

    @Flag(help: "Change nothing; say what would be removed from the disk.")
    var dryRun = false

    func run() throws {
        let operations = try Settings().operations()
        var isClean = true
        if dryRun { print("Nothing is changed. Without --dry-run:") }
        for step in Sweeper(operations, trial: dryRun).steps {
            let tally = try step.run()
            guard tally.count > 0 else { continue }
            isClean = false
            print(
                tally.count,
                step.what + (tally.bytes > 0 ? ", \(HumanReadable.bytes(tally.bytes))" : ""))
        }
        if isClean { print("nothing to do") }
    }
}
