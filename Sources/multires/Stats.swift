import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations

struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print totals: accounts, images, bytes, queue, disk.")

    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let configuration = try Settings().configuration
        let catalog = try CatalogEngine.open(configuration, for: .worker)
        // Several reads, so numbers of a running service may be from slightly different moments.
        let totals = try catalog.images.totals()
        let queue = try catalog.queue.state()
        // The names are also the members of the JSON object, so they must not change.
        let numbers: [(name: String, value: Int64)] = [
            ("accounts", Int64(try catalog.accounts.all().count)),
            ("images", totals.values.reduce(0) { $0 + Int64($1.images) }),
            ("imagesComplete", Int64(totals[.complete]?.images ?? 0)),
            ("imagesFailed", Int64(totals[.failed]?.images ?? 0)),
            ("originalBytes", totals.values.reduce(0) { $0 + $1.bytes }),
            ("queueWaiting", Int64(queue.ready)), ("queueRunning", Int64(queue.running)),
            ("queueRerenders", Int64(queue.rerenders)), ("queueDead", Int64(queue.dead)),
            ("diskFreeBytes", try MediaEngine.open(configuration.folders).freeBytes()),
            ("diskReserveBytes", configuration.diskReserve),
        ]
        if json {
            try print(
                JSONLine.text(Dictionary(uniqueKeysWithValues: numbers.map { ($0.name, $0.value) }))
            )
        } else {
            for (name, value) in numbers {
                print(name.padding(toLength: 18, withPad: " ", startingAt: 0), value)
            }
        }
    }
}
