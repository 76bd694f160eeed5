import Foundation
import Model
import Processes
import ResizerClient
import Support
import Testing

@testable import Resizing

@Suite struct ProgramTests {
    let folder = TemporaryFolder()

    @Test("The resizer answers each line with one line and nothing else, until its input ends")
    func lines() throws {
        let requests = [
            request(try Photos.truncatedJPEG(in: folder), "a"),
            request(try Photos.jpeg(width: 640, height: 480, in: folder), "b"),
            request(folder.file("missing.jpg"), "c"),
        ]
        let lines = try requests.map { try JSONEncoder().encode($0) + Data("\n".utf8) }
        let output = try Shell.run(
            Programs.path("resizer"), [], input: lines.flatMap { Array($0) })
        #expect(output.status == 0)
        let reports = try output.lines.map {
            try JSONDecoder().decode(RenderResult.self, from: Data($0.utf8))
        }
        try #require(reports.count == 3)
        guard case .imageFailed(let truncated) = reports[0], case .rendered(let made) = reports[1],
            case .failed(let missing) = reports[2]
        else {
            Issue.record("\(reports)")
            return
        }
        #expect(truncated.code == "corrupt_image")
        #expect(missing.code == "original_unreadable")
        #expect(made.variants.map(\.name) == ["thumbnail", "small", "medium", "large"])
        for variant in made.variants {
            #expect(FileManager.default.fileExists(atPath: folder.file("b/\(variant.fileName)")))
        }
        #expect(
            output.errors.lowercased().contains("premature end of"),
            "libvips' messages belong in the log")
        #expect(!truncated.sentence.lowercased().contains("premature"))
    }

    @Test("A line that is not a request stops the resizer with an error on standard error")
    func nonsense() throws {
        let output = try Shell.run(Programs.path("resizer"), [], input: Array("{}\n".utf8))
        #expect(output.status == 1)
        #expect(output.bytes.isEmpty)
        #expect(!output.errors.isEmpty)
    }

    @Test("A full disk is a failure that can be retried, not a fault of the image")
    func fullDisk() throws {
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        let request = request(photo, "full")
        let size = request.preset.sizes[3]
        let name = Variant(
            name: size.name, revision: request.preset.revision(of: size), format: .jpeg,
            pixels: PixelSize(width: 1, height: 1), bytes: 0
        ).fileName
        try FileManager.default.createSymbolicLink(
            atPath: "\(request.folder)/\(name)", withDestinationPath: "/dev/full")
        let error = #expect(throws: RenderError.self) { try Resizer.renderer.render(request) }
        guard case .failed(let failure) = error?.report else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.code == "no_space")
    }

    @Test("A 24-megapixel photo takes less than 120 MB, and later ones no more than the second")
    func memory() throws {
        let photo = try Photos.jpeg(width: 6000, height: 4000, in: folder)
        let input = try PipeEnds()
        let output = try PipeEnds()
        let resizer = try ChildProcess(
            Programs.path("resizer"), environment: [:],
            descriptors: [0: input.reading.number, 1: output.writing.number])
        defer { resizer.send(SIGKILL) }
        let line = Array(try JSONEncoder().encode(request(photo, "large"))) + Array("\n".utf8)
        var peaks: [Int] = []
        for _ in 0..<(Fuzz.isLong ? 20 : 5) {
            try input.writing.write(line)
            var answer: [UInt8] = []
            while answer.last != UInt8(ascii: "\n") {
                try #require(try output.reading.isReadable(within: .seconds(60)))
                answer += try output.reading.read()
            }
            let status = try String(contentsOfFile: "/proc/\(resizer.pid)/status", encoding: .utf8)
            let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            peaks.append(try #require(peak.flatMap { Int($0.filter(\.isNumber)) }))
        }
        let last = try #require(peaks.last)
        #expect(last < 120_000, "\(peaks) kB")
        #expect(last < peaks[1] + 5000, "\(peaks) kB")
    }

    private func request(_ original: String, _ name: String) -> RenderRequest {
        let output = folder.file(name)
        try? FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: false)
        return RenderRequest(
            original: original, format: .jpeg, fit: .cover, folder: output, preset: .standard,
            limits: Resizer.limits)
    }
}
