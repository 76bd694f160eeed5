import Administration
import ArgumentParser
import Model
import Operations

struct CollectGarbage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove leftovers of crashes, as resize-worker does every few minutes.")

    @Flag(help: "Change nothing; print what would be removed from the disk.")
    var dryRun = false

    func run() throws {
        let operations = try Settings().operations()
        var isClean = true
        if dryRun { print("Nothing is changed. A run without --dry-run would do this:") }
        // The same steps as the worker's sweep, and safe while it runs. Here an error ends the command; the
        // worker logs it and runs the next step.
        for step in Sweeper(operations, trial: dryRun).steps {
            let tally = try step.run()
            guard tally.count > 0 else { continue }
            isClean = false
            print(
                "\(step.what): \(tally.count)"
                    + (tally.bytes > 0 ? ", \(HumanReadable.bytes(tally.bytes))" : ""))
        }
        if isClean { print("nothing to do") }
    }
}
