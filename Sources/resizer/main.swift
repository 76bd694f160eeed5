// Renders pictures for the worker: an order a line on standard input, a report a line on standard
// output, until the input ends. It knows no database, no network and no secret, and before the first
// order it gives up the means to reach them.
//
// `resizer --formats jpeg,avif` tries these formats instead, and reports what does not work.

import Foundation
import Model
import Processes
import ResizerClient
import Resizing

// Nothing of its work is worth finishing, and one that is stopped takes no other signal.
Signals.endWithParent(by: SIGKILL)
Signals.ignoreBrokenPipes()
do {
    let reports = try ReportLine()
    let mapped = try MappedFiles()
    let renderer = try Renderer()
    let confines = Confines(ProcessInfo.processInfo.environment)
    try confines.apply()
    if let flag = CommandLine.arguments.firstIndex(of: "--formats") {
        let names = CommandLine.arguments.dropFirst(flag + 1).first ?? ""
        let formats = names.split(separator: ",").compactMap { ImageFormat(rawValue: String($0)) }
        let faults = try renderer.faults(of: formats, in: confines.output)
        try reports.send(FormatReport(faults: faults, libraries: mapped.paths()))
        exit(0)
    }
    while let line = readLine() {
        confines.allowAnotherPicture()
        try reports.send(renderer.report(on: line))
    }
} catch {
    complain("\(error)")
    exit(1)
}
