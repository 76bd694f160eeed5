import Catalog
import Foundation
import Logging
import Processes

// `resize-worker` works until it is told to stop; `resize-worker --drain` until the queue is empty.
// `--resizers N` is this worker's MULTIRES_RESIZERS: any number of workers may share a database.
do {
    var environment = ProcessInfo.processInfo.environment
    if let flag = CommandLine.arguments.firstIndex(of: "--resizers") {
        environment["MULTIRES_RESIZERS"] = CommandLine.arguments.dropFirst(flag + 1).first ?? "none"
    }
    if environment["MULTIRES_SUPERVISED"] != nil { Signals.endWithParent() }
    LineLog.install()
    Signals.ignoreBrokenPipes()
    let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP])
    let worker = try Worker(Configuration(environment))
    try worker.run(drain: CommandLine.arguments.contains("--drain"), until: signals)
} catch {
    FileHandle.standardError.write(Data("resize-worker: \(error)\n".utf8))
    exit(1)
}
