import Foundation
import Support

// Each row: what was measured, the named baseline of the same run, and the ratio of the two. Words name
// the benches to run; none, all of them.
let benches: KeyValuePairs<String, (TemporaryFolder) throws -> Void> = [
    "RenderCost": RenderCost.run, "Latency": Latency.run,
    "UploadsToComplete": UploadsToComplete.run, "MixedPhotos": MixedPhotos.run,
    "LongRun": LongRun.run, "StatusAnswers": StatusAnswers.run, "CGIAnswers": CGIAnswers.run,
    "LoginTimes": LoginTimes.run, "SlowClients": { _ in try SlowClients.run() },
]
do {
    let wanted = CommandLine.arguments.dropFirst()
    print("| what | Multires | baseline | | ratio |")
    print("|---|---|---|---|---|")
    for (name, run) in benches where wanted.isEmpty || wanted.contains(name) {
        try run(TemporaryFolder())
    }
} catch {
    FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
    exit(1)
}

func row(_ what: String, _ ours: Double, _ baseline: String, _ theirs: Double, unit: String) {
    let format = "%.1f"
    print(
        "| \(what) | \(String(format: format, ours)) \(unit) | \(baseline) | "
            + "\(String(format: format, theirs)) \(unit) | \(String(format: "%.2f", ours / theirs)) |"
    )
    fflush(nil)  // A row is worth having as soon as it is there, in a file too.
}
