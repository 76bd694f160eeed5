import Foundation
import Media
import Model
import Processes
import Settings

/// A resizer of this command's own, confined as a worker's are, to try what it makes of a picture.
final class ResizerTrial {
    /// Gone with it.
    let folder: String

    private let configuration: Configuration
    private let media: DiskMedia

    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        media = DiskMedia(configuration.folders)
        folder = try media.jobFolder(in: configuration.folders.incoming)
    }

    deinit {
        try? media.discard(folder)
    }

    /// Nil when it makes none, for whatever reason. The files are gone when this returns.
    func render(
        _ original: String, format: ImageFormat, fit: Fit, _ preset: Preset
    ) throws -> Rendering? {
        let workspace = try media.jobFolder(in: folder)
        defer { try? media.discard(workspace) }
        for part in ["in", "out"] { try media.makeFolder("\(workspace)/\(part)") }
        let lent = "\(workspace)/in/original"
        guard link(original, lent) == 0 else { throw SystemError("link", lent) }
        let orders = try PipeEnds()
        let reports = try PipeEnds()
        let child = try ChildProcess(
            ProgramFiles.path(of: "resizer"),
            environment: configuration.resizerEnvironment(in: workspace),
            descriptors: [0: orders.reading.number, 1: reports.writing.number])
        defer {
            child.send(SIGKILL)
            child.wait()
        }
        var budget = WorkBudget(of: child, configuration.renderBudget)
        let order = RenderOrder(
            original: lent, format: format, fit: fit, folder: workspace + "/out",
            preset: preset, limits: configuration.renderLimits)
        try orders.writing.write(Array(JSONEncoder().encode(order)) + [UInt8(ascii: "\n")])
        // One line, in as many pieces as the pipe gives it.
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard budget.excess() == nil else { return nil }
            // Asked first: what it wrote before its end is still there to be read.
            let hasEnded = child.hasEnded
            guard try reports.reading.isReadable(within: .milliseconds(hasEnded ? 0 : 100)) else {
                if hasEnded { return nil }
                continue
            }
            let bytes = try reports.reading.read()
            guard !bytes.isEmpty else { return nil }
            line += bytes
        }
        guard
            case .rendered(let rendering)? = try? JSONDecoder().decode(
                RenderReport.self, from: Data(line))
        else { return nil }
        return rendering
    }
}
