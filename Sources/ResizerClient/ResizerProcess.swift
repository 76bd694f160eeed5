import Foundation
import Model
import Processes
import Settings

/// A running resizer, the pipes to it, and the only folder that it can access: `in` has hard links to
/// originals, `out` gets variants. They are closed and removed together. Use it in one thread at a time.
public final class ResizerProcess: Sendable {
    /// The result of waiting for a report.
    public enum Answer {
        /// A line, without its line feed.
        case line([UInt8])
        /// The resizer ended without a report.
        case ended(ChildProcess.End)
        case exceeded(WorkBudget.Excess)
        /// The line has more bytes than any report.
        case endless
        /// The caller ended the wait.
        case stopped
    }

    /// The maximum bytes of a report. A real one has about 10 kB of paths.
    private static let longestReport = 1 << 20

    public let folder: String
    private let process: ChildProcess
    private let requests: FileDescriptor
    private let reports: FileDescriptor

    /// - Parameters:
    ///   - parent: the folder in which its own folder is created.
    ///   - priority: replaces the setting.
    public init(
        _ configuration: Configuration, in parent: String, _ arguments: [String] = [],
        priority: Priority? = nil
    ) throws {
        // Writing a request to a resizer that has exited must fail, and not kill this program.
        Signals.ignoreBrokenPipes()
        let folder = "\(parent)/job-\(UUID().uuidString)"
        self.folder = folder
        do {
            for path in [folder, folder + "/in", folder + "/out"] { try Files.makeFolder(path) }
            let requestPipe = try PipeEnds()
            let reportPipe = try PipeEnds()
            requests = try requestPipe.writing.duplicate()
            reports = try reportPipe.reading.duplicate()
            process = try ChildProcess(
                ProgramFiles.path(of: "resizer"), arguments,
                environment: configuration.resizerEnvironment(in: folder, priority: priority),
                descriptors: [0: requestPipe.reading.number, 1: reportPipe.writing.number])
        } catch {
            _ = try? Files.removeTree(folder)
            throw error
        }
    }

    deinit {
        close()
    }

    /// Kills it, and removes its folder.
    public func close() {
        end()
        _ = try? Files.removeTree(folder)
    }

    public var hasEnded: Bool { process.hasEnded }

    /// Kills it and returns how it ended: by our SIGKILL, or earlier in another way.
    @discardableResult
    public func end() -> ChildProcess.End {
        process.send(SIGKILL)
        return process.wait()
    }

    /// Makes a hard link to the original that the resizer can access, and returns its path. Throws
    /// `SystemError` with ENOENT if there is no such file.
    public func hardlinkOriginal(_ original: String, as name: String) throws -> String {
        let path = "\(folder)/in/\(name)"
        guard link(original, path) == 0 else { throw SystemError("link", original) }
        return path
    }

    /// Creates an empty folder for variants, and returns its path.
    public func makeOutput(_ name: String) throws -> String {
        let output = "\(folder)/out/\(name)"
        try Files.makeFolder(output)
        return output
    }

    /// Throws `SystemError` with EPIPE if it has ended.
    public func send(_ request: RenderRequest) throws {
        try requests.write(Array(JSONEncoder().encode(request)) + [UInt8(ascii: "\n")])
    }

    /// Waits for its next report while it stays within the limits, which are measured from now on.
    ///
    /// - Parameters:
    ///   - interval: how often `shouldContinue` is called at least, with the processor time used so far. If
    ///     it returns false, the wait ends.
    public func answer(
        within limits: WorkBudget.Limits, asking interval: Duration = .milliseconds(500),
        _ shouldContinue: (Duration) throws -> Bool = { _ in true }
    ) throws -> Answer {
        var budget = WorkBudget(of: process, limits)
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            if let excess = budget.excess() { return .exceeded(excess) }
            guard try shouldContinue(budget.used) else { return .stopped }
            guard try reports.isReadable(within: interval) else { continue }
            let bytes = try reports.read()
            if bytes.isEmpty { return .ended(end()) }
            line += bytes
            if line.count > Self.longestReport { return .endless }
        }
        return .line(Array(line.dropLast()))
    }

    /// Its resident memory in bytes now (proc(5), statm); 0 if that cannot be read.
    public var residentBytes: Int64 {
        guard let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int64($0) })
        else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
