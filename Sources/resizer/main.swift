// Renders pictures for the worker: an order a line on standard input, a report a line on standard
// output, until the input ends. It knows no database, no network and no secret, and before the first
// order it gives up the means to reach them.

import Catalog
import Foundation
import Processes
import Resizing

// Nothing of its work is worth finishing, and one that is stopped takes no other signal.
Signals.endWithParent(by: SIGKILL)
Signals.ignoreBrokenPipes()
do {
    let reports = try ReportLine()
    let renderer = try Renderer()
    let confines = Confines(ProcessInfo.processInfo.environment)
    try confines.apply()
    while let line = readLine() {
        confines.allowAnotherPicture()
        try reports.send(renderer.report(on: line))
    }
} catch {
    complain("\(error)")
    exit(1)
}
