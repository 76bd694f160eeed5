import Foundation
import Media
import Model
import Processes
import Settings
import Synchronization

/// A running resizer, the pipes to it and the one folder it can reach: `in` holds a second name of the
/// original in hand, `out` takes its sizes. All end together. Used by one thread at a time.
final class ResizerChild: Sendable {
    private struct State {
        var orders = 0
        var history = DecodingHistory()
        var inHand: (original: String, folder: String)?
    }

    private let process: ChildProcess
    private let ordersPipe: FileDescriptor
    private let reportsPipe: FileDescriptor
    private let media: DiskMedia
    private let workspace: String
    private let state = Mutex(State())

    /// Orders given so far.
    var orders: Int { state.withLock { $0.orders } }
    var history: DecodingHistory { state.withLock { $0.history } }

    /// `Formats.recoveries` when it began.
    let recoveries: Int

    /// - Parameter folder: the worker's.
    init(
        _ configuration: Configuration, _ media: DiskMedia, in folder: String, _ recoveries: Int
    ) throws {
        self.media = media
        self.recoveries = recoveries
        workspace = try media.jobFolder(in: folder)
        do {
            for part in ["in", "out"] { try media.makeFolder("\(workspace)/\(part)") }
            let orders = try PipeEnds()
            let reports = try PipeEnds()
            process = try ChildProcess(
                ProgramFiles.path(of: "resizer"),
                environment: configuration.resizerEnvironment(in: workspace),
                descriptors: [0: orders.reading.number, 1: reports.writing.number])
            ordersPipe = try orders.writing.duplicate()
            reportsPipe = try reports.reading.duplicate()
        } catch {
            try? media.discard(workspace)
            throw error
        }
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
        try? media.discard(workspace)
    }

    /// Gives it a picture. Returns the folder that the sizes will be in, until `clear`.
    func order(
        _ claim: Claim, _ preset: Preset, _ limits: RenderLimits, threads: Int
    ) throws -> String {
        let image = claim.image
        let number = state.withLock { state in
            state.orders += 1
            state.history.note(image)
            return state.orders
        }
        let folder = "\(workspace)/out/\(number)"
        try media.makeFolder(folder)
        let original = try media.lend(image.id, image.format, in: workspace + "/in")
        state.withLock { $0.inHand = (original, folder) }
        let order = RenderOrder(
            original: original, format: image.format, fit: image.fit, folder: folder,
            preset: preset, limits: limits, threads: threads, requestID: claim.requestID)
        try ordersPipe.write(Array(JSONEncoder().encode(order)) + [UInt8(ascii: "\n")])
        return folder
    }

    /// What it has said meanwhile: nil when nothing within `pause`, empty when it will say no more.
    func hear(within pause: Duration) throws -> [UInt8]? {
        try reportsPipe.isReadable(within: pause) ? try reportsPipe.read() : nil
    }

    /// Takes the original back, and what is left of its sizes: of an image that is deleted meanwhile
    /// nothing may stay here.
    func clear() throws {
        guard let last = state.withLock({ $0.inHand.take() }) else { return }
        try media.discard(last.original)
        try media.discard(last.folder)
    }

    var hasEnded: Bool { process.hasEnded }

    /// For the image that it is given next.
    func budget(_ limits: WorkBudget.Limits) -> WorkBudget { WorkBudget(of: process, limits) }

    /// Ends it and says how it ended: as it did by itself, or by our SIGKILL.
    func end() -> ChildProcess.End {
        process.send(SIGKILL)
        return process.wait()
    }

    /// Bytes in memory now (proc(5), statm); 0 when that cannot be read.
    var residentBytes: Int64 {
        guard let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int64($0) })
        else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
