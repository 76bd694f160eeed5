import Foundation
import Model
import Processes
import ResizerClient
import Settings

/// Lets a resizer try every format, and stores the result where the responders read it. The result is valid
/// for the library versions that it was found with: when one is replaced, the formats are tried again before
/// an image is rendered with it.
public struct FormatCheck: Sendable {
    private enum Outcome {
        case report(FormatReport)
        /// No report, for this reason.
        case ended(String)
    }

    private let configuration: Configuration
    private let record: FormatRecord

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        record = FormatRecord(configuration.folders)
    }

    /// Whether all formats were tried with the libraries that are installed now, and all work.
    public var isCurrent: Bool {
        record.hasNoFaults && record.triedLibraries()?.areCurrent ?? false
    }

    /// Tries all formats and stores the result. Throws when they could not be tried.
    @discardableResult
    public func renew() throws -> FormatFaults {
        let report = try run()
        let faults = FormatFaults(report.faults)
        try record.record(faults, foundWith: FileVersions(of: report.libraries))
        return faults
    }

    /// Tries all formats. Throws when they could not be tried, which is not a fault of the formats.
    public func run() throws -> FormatReport {
        if case .report(let report) = try attempt(ImageFormat.allCases) { return report }
        // One at a time, to find out which format crashes or hangs its process.
        var faults: [FormatFault] = []
        var libraries: Set = [ProgramFiles.path(of: "resizer")]
        for format in ImageFormat.allCases {
            switch try attempt([format]) {
            case .report(let report):
                faults += report.faults
                libraries.formUnion(report.libraries)
            case .ended(let reason):
                faults += [
                    FormatFault(format, .read, reason), FormatFault(format, .write, reason),
                ]
            }
        }
        return FormatReport(faults: faults, libraries: libraries.sorted())
    }

    private func attempt(_ formats: [ImageFormat]) throws -> Outcome {
        // With normal priority: images wait for the first trial, and a busy machine must not make it fail.
        let resizer = try ResizerProcess(
            configuration, in: configuration.folders.incoming,
            ["--formats", formats.map(\.rawValue).joined(separator: ",")], priority: .normal)
        switch try resizer.answer(within: limits) {
        case .line(let line):
            let report = try? JSONDecoder().decode(FormatReport.self, from: Data(line))
            return report.map { .report($0) } ?? .ended("the resizer printed no report")
        case .ended(.exited(0)): return .ended("the resizer printed no report")
        case .ended(.exited(Self.unable)):
            throw SystemError("write", "an image to try a format with", code: EIO)
        case .ended(let end): return .ended("the resizer ended with \(end)")
        case .exceeded, .stopped: return .ended("the resizer took too long")
        case .endless: return .ended("the resizer printed too much")
        }
    }

    /// A trial takes 0.1 s of processor time. One that hangs must not delay the other formats for long.
    private var limits: WorkBudget.Limits {
        var limits = configuration.renderBudget
        limits.processor = min(limits.processor, .seconds(10))
        limits.stall = min(limits.stall, .seconds(10))
        limits.total = min(limits.total, .seconds(60))
        return limits
    }

    /// Exit status of a resizer that could not try the formats. It has logged the reason.
    private static let unable: Int32 = 1
}
