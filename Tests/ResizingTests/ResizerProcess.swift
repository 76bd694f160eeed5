import Foundation
import Model
import Processes
import ResizerClient
import Support
import Testing

/// The resizer as the worker runs it: one process for many images, sandboxed in its folder.
final class ResizerProcess {
    private let process: ChildProcess
    private let input: PipeEnds
    private let output: PipeEnds
    private let folder: TemporaryFolder
    private var count = 0

    init(in folder: TemporaryFolder, environment: [String: String] = [:]) throws {
        self.folder = folder
        for part in ["in", "out"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(part), withIntermediateDirectories: true)
        }
        input = try PipeEnds()
        output = try PipeEnds()
        process = try ChildProcess(
            Programs.path("resizer"),
            environment: ["RESIZER_FOLDER": folder.path]
                .merging(FilledMemory.environment) { $1 }.merging(environment) { $1 },
            descriptors: [0: input.reading.number, 1: output.writing.number])
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    func render(
        _ bytes: [UInt8], as format: ImageFormat, preset: Preset = .standard, threads: Int = 1
    ) throws -> Resizer.Result {
        count += 1
        let original = try Photos.write(bytes, to: folder.file("in/\(count)"))
        let sizes = folder.file("out/\(count)")
        try FileManager.default.createDirectory(
            atPath: sizes, withIntermediateDirectories: false)
        let request = RenderRequest(
            original: original, format: format, fit: .inside, folder: sizes, preset: preset,
            limits: Resizer.limits, threads: threads)
        try input.writing.write(Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")])
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            try #require(try output.reading.isReadable(within: .seconds(120)))
            let more = try output.reading.read()
            try #require(!more.isEmpty, "the resizer exited")
            line += more
        }
        return Resizer.Result(
            folder: sizes, report: try JSONDecoder().decode(RenderResult.self, from: Data(line)))
    }
}
