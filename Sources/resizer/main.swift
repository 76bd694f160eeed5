// Renders images for the worker: reads one request per line on standard input and writes one report per line
// on standard output, until the input ends. It has no database, network or secrets, and before the first
// request it drops the rights to access them (`Sandbox`).
//
// `resizer --formats jpeg,avif` tries these formats instead, and reports what does not work.

import Foundation
import Model
import Processes
import ResizerClient
import Resizing

// SIGKILL: its work is not worth finishing, and a process that is stopped (SIGSTOP) handles no other signal.
Signals.endWithParent(by: SIGKILL)
Signals.ignoreBrokenPipes()
do {
    let reports = try ReportOutput()
    let mapped = try MappedFiles()
    let renderer = try Renderer()
    let sandbox = SandboxSetup(ProcessInfo.processInfo.environment)
    try sandbox.apply()
    if let flag = CommandLine.arguments.firstIndex(of: "--formats") {
        let names = CommandLine.arguments.dropFirst(flag + 1).first ?? ""
        let formats = names.split(separator: ",").compactMap { ImageFormat(rawValue: String($0)) }
        let faults = try renderer.faults(of: formats, in: sandbox.output)
        try reports.send(FormatReport(faults: faults, libraries: mapped.paths()))
        exit(0)
    }
    while let line = readLine() {
        sandbox.allowAnotherImage()
        try reports.send(renderer.report(on: line))
    }
} catch {
    warn("\(error)")
    exit(1)
}
