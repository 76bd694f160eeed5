import Foundation
import Model
import Processes
import Settings

/// A running resizer, the pipes to it and the one folder it can reach: `in` holds second names of originals,
/// `out` takes sizes. All end together. Used by one thread at a time.
public final class ResizerProcess: Sendable {
    /// What came of waiting for a report.
    public enum Answer {
        /// A line, without its end.
        case line([UInt8])
        /// It ended without one.
        case ended(ChildProcess.End)
        case exceeded(WorkBudget.Excess)
        /// The line has more bytes than any report.
        case endless
        /// Whoever waits said so.
        case stopped
    }

    /// Bytes of a report. A real one has some 10 kB of paths.
    private static let longestReport = 1 << 20

    public let folder: String
    private let process: ChildProcess
    private let orders: FileDescriptor
    private let reports: FileDescriptor

    /// - Parameters:
    ///   - parent: where its folder is made.
    ///   - priority: in place of the setting's.
    public init(
        _ configuration: Configuration, in parent: String, _ arguments: [String] = [],
        priority: Priority? = nil
    ) throws {
        // An order to a resizer that has exited is an error of the write, not the end of this program.
        Signals.ignoreBrokenPipes()
        let folder = "\(parent)/job-\(UUID().uuidString)"
        self.folder = folder
        do {
            for path in [folder, folder + "/in", folder + "/out"] { try Files.makeFolder(path) }
            let orderPipe = try PipeEnds()
            let reportPipe = try PipeEnds()
            orders = try orderPipe.writing.duplicate()
            reports = try reportPipe.reading.duplicate()
            process = try ChildProcess(
                ProgramFiles.path(of: "resizer"), arguments,
                environment: configuration.resizerEnvironment(in: folder, priority: priority),
                descriptors: [0: orderPipe.reading.number, 1: reportPipe.writing.number])
        } catch {
            _ = try? Files.removeTree(folder)
            throw error
        }
    }

    deinit {
        close()
    }

    /// Ends it, and removes its folder.
    public func close() {
        end()
        _ = try? Files.removeTree(folder)
    }

    public var hasEnded: Bool { process.hasEnded }

    /// Kills it if it still runs, and returns how it ended: with its own exit status, or by our SIGKILL.
    @discardableResult
    public func end() -> ChildProcess.End {
        process.send(SIGKILL)
        return process.wait()
    }

    /// Gives the original a second name that it can reach. Throws `SystemError` with ENOENT when there is
    /// no such file.
    public func lend(_ original: String, as name: String) throws -> String {
        let lent = "\(folder)/in/\(name)"
        guard link(original, lent) == 0 else { throw SystemError("link", original) }
        return lent
    }

    /// An empty folder for sizes.
    public func makeOutput(_ name: String) throws -> String {
        let output = "\(folder)/out/\(name)"
        try Files.makeFolder(output)
        return output
    }

    /// Throws `SystemError` with EPIPE when it has ended.
    public func send(_ order: RenderOrder) throws {
        try orders.write(Array(JSONEncoder().encode(order)) + [UInt8(ascii: "\n")])
    }

    /// Waits for its next report, for as long as it keeps to the limits from now on.
    ///
    /// - Parameters:
    ///   - interval: how often `goesOn` is asked at the least, with the processor time used so far; false
    ///     ends the wait.
    public func answer(
        within limits: WorkBudget.Limits, asking interval: Duration = .milliseconds(500),
        _ goesOn: (Duration) throws -> Bool = { _ in true }
    ) throws -> Answer {
        var budget = WorkBudget(of: process, limits)
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            if let excess = budget.excess() { return .exceeded(excess) }
            guard try goesOn(budget.used) else { return .stopped }
            guard try reports.isReadable(within: interval) else { continue }
            let bytes = try reports.read()
            if bytes.isEmpty { return .ended(end()) }
            line += bytes
            if line.count > Self.longestReport { return .endless }
        }
        return .line(Array(line.dropLast()))
    }

    /// Bytes in memory now (proc(5), statm); 0 when that cannot be read.
    public var residentBytes: Int64 {
        guard let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int64($0) })
        else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
