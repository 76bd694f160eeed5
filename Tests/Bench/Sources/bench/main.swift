import Foundation
import Support

// Each row: what was measured, the named baseline of the same run, and the ratio of the two. Arguments
// name the benches to run; without arguments, all run.
let benches: KeyValuePairs<String, (TemporaryFolder) throws -> Void> = [
    "RenderCost": RenderCost.run, "FormatCost": FormatCost.run, "Latency": Latency.run,
    "DeepQueue": DeepQueue.run, "UploadsToComplete": UploadsToComplete.run,
    "MixedPhotos": MixedPhotos.run,
    "EndToEnd": EndToEnd.run, "LongRun": LongRun.run, "StatusAnswers": StatusAnswers.run,
    "HummingbirdAnswers": HummingbirdAnswers.run, "CGIAnswers": CGIAnswers.run,
    "SignedMedia": SignedMedia.run, "Thumbnails": Thumbnails.run, "Uploads": Uploads.run,
    "Memory": Memory.run, "MillionImages": MillionImages.run, "LoginTimes": LoginTimes.run,
    "SlowClients": { _ in try SlowClients.run() }, "StopTimes": { _ in try StopTimes.run() },
]
let wanted = CommandLine.arguments.dropFirst()
var failed = false
print(Row.head)
for (name, run) in benches where wanted.isEmpty || wanted.contains(name) {
    do {
        try run(TemporaryFolder())
    } catch {
        // The rows of the other benches stay valid without this one.
        FileHandle.standardError.write(Data("bench: \(name): \(error)\n".utf8))
        failed = true
    }
}
exit(failed ? 1 : 0)
