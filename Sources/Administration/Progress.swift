import Foundation
import Model

/// How far a long command is, on standard error: a bar that moves on a terminal, a line now and then
/// elsewhere, so that a log of cron's stays short.
package final class Progress {
    private static let barInterval = Duration.milliseconds(100)
    private static let lineInterval = Duration.seconds(10)

    private let what: String
    private let total: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let began = ContinuousClock.now
    /// Nil on a terminal until the first thing is done, so that even a short run is seen.
    private var shown: ContinuousClock.Instant?
    private var done = 0

    /// - Parameters:
    ///   - what: as in "checking originals".
    ///   - total: how often `advance` will be called; more or fewer do no harm.
    package init(_ what: String, of total: Int) {
        self.what = what
        self.total = max(total, 1)
        shown = isTerminal ? nil : began
    }

    package func advance() {
        done += 1
        let now = ContinuousClock.now
        if let shown, now - shown < (isTerminal ? Self.barInterval : Self.lineInterval) { return }
        shown = now
        write(isTerminal ? "\r" + bar : "\(what): \(done) of \(total)\n")
    }

    /// The bar leaves; what is printed next begins its own line.
    package func finish() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    private var bar: String {
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let full = String(repeating: "=", count: filled).padding(
            toLength: 30, withPad: " ", startingAt: 0)
        return "\(what) [\(full)] \(done) of \(total), \(left) left\u{1B}[K"
    }

    /// As if it went on as fast as until now.
    private var left: String {
        let elapsed = Double((ContinuousClock.now - began).wholeMilliseconds) / 1000
        return HumanReadable.time(.seconds(elapsed / Double(done) * Double(max(0, total - done))))
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
