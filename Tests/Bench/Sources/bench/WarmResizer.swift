import Foundation
import Model
import Processes
import ResizerClient
import Support

/// A resizer that has started, as in a service where images wait.
final class WarmResizer {
    private let process: ChildProcess
    private let requests: FileDescriptor
    private let reports: FileDescriptor

    init() throws {
        let input = try PipeEnds()
        let output = try PipeEnds()
        process = try ChildProcess(
            Programs.path("resizer"), environment: [:],
            descriptors: [0: input.reading.number, 1: output.writing.number])
        requests = try input.writing.duplicate()
        reports = try output.reading.duplicate()
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    var pid: pid_t { process.pid }

    /// Returns the processor time in milliseconds.
    @discardableResult
    func render(
        _ photo: String, as format: ImageFormat = .jpeg, _ preset: Preset = .standard,
        into made: String
    ) throws -> Double {
        let before = milliseconds
        try requests.write(Self.line(photo, as: format, preset, into: made))
        var answer: [UInt8] = []
        while answer.last != UInt8(ascii: "\n") { answer += try reports.read() }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.contains("rendered") else { throw NotRunning(description: text) }
        return milliseconds - before
    }

    /// The processor time of all its threads so far.
    private var milliseconds: Double {
        var clock = clockid_t()
        var time = timespec()
        clock_getcpuclockid(process.pid, &clock)
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    static func line(
        _ photo: String, as format: ImageFormat = .jpeg, _ preset: Preset = .standard,
        into made: String
    ) throws -> [UInt8] {
        let request = RenderRequest(
            original: photo, format: format, fit: .cover, folder: made, preset: preset,
            limits: RenderLimits(
                pixels: 100_000_000, side: 16_384, animatedPixels: 50_000_000,
                interlacedPixels: 50_000_000, frames: 1000, scans: 100))
        return Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")]
    }
}
