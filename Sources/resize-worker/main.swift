import Foundation
import Model
import Processes
import Settings

// `resize-worker` runs until a signal stops it; `resize-worker --drain` until the queue is empty, or not at
// all if another worker is draining it.
// `--resizers N` replaces MULTIRES_RESIZERS for this worker: any number of workers may share a database.
do {
    var environment = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
    if let flag = CommandLine.arguments.firstIndex(of: "--resizers") {
        environment["MULTIRES_RESIZERS"] = CommandLine.arguments.dropFirst(flag + 1).first ?? "none"
    }
    if environment["MULTIRES_SUPERVISED"] != nil { Signals.endWithParent() }
    Signals.ignoreBrokenPipes()
    let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP])
    let configuration = try Configuration(environment)
    LogRecord.use(configuration.log.rawValue)
    let identity = try WorkerIdentity(configuration.folders, preset: configuration.preset)
    defer { identity.leave() }
    let worker = Worker(configuration, identity)
    if CommandLine.arguments.contains("--drain") {
        try worker.drain(until: signals)
    } else {
        try worker.run(.untilStopped, until: signals)
    }
} catch {
    LogRecord.write("critical", "resize-worker", "\(error)")
    exit(1)
}
