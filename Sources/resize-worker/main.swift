import Foundation
import Model
import Processes
import Settings

// `resize-worker` works until it is told to stop; `resize-worker --drain` until the queue is
// empty, unless another already does that.
// `--resizers N` is this worker's MULTIRES_RESIZERS: any number of workers may share a database.
do {
    var environment = try EnvironmentFile.completing(ProcessInfo.processInfo.environment)
    if let flag = CommandLine.arguments.firstIndex(of: "--resizers") {
        environment["MULTIRES_RESIZERS"] = CommandLine.arguments.dropFirst(flag + 1).first ?? "none"
    }
    if environment["MULTIRES_SUPERVISED"] != nil { Signals.endWithParent() }
    Signals.ignoreBrokenPipes()
    let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP])
    let configuration = try Configuration(environment)
    LogLine.use(configuration.log.rawValue)
    let identity = try WorkerIdentity(configuration.folders, preset: configuration.preset)
    defer { identity.leave() }
    let worker = Worker(configuration, identity)
    if CommandLine.arguments.contains("--drain") {
        try worker.drain(until: signals)
    } else {
        try worker.run(.untilStopped, until: signals)
    }
} catch {
    LogLine.write("critical", "resize-worker", "\(error)")
    exit(1)
}
