import Foundation
import Support

// Each row: what was measured, the named baseline of the same run, and the ratio of the two.
let folder = TemporaryFolder()
do {
    print("| what | Multires | baseline | | ratio |")
    print("|---|---|---|---|---|")
    try RenderCost.run(in: folder)
    try Latency.run(in: folder)
    try UploadsToComplete.run(in: folder)
    try MixedPhotos.run(in: folder)
    try LongRun.run(in: folder)
    try StatusAnswers.run(in: folder)
    try CGIAnswers.run(in: folder)
    try LoginTimes.run(in: folder)
    try SlowClients.run()
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
}
