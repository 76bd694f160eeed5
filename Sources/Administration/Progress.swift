import Foundation
import Model

/// Prints the progress of a long command to standard error: a bar on a terminal; elsewhere a line every 10 s,
/// so that a log of cron stays short.
package final class Progress {
    private static let barInterval = Duration.milliseconds(100)
    private static let lineInterval = Duration.seconds(10)

    private let what: String
    private let total: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let began = ContinuousClock.now
    /// The time of the last output. On a terminal it is nil at first, so that a short run shows a bar too.
    private var shown: ContinuousClock.Instant?
    private var done = 0

    /// - Parameters:
    ///   - what: what is done, like "checking originals".
    ///   - total: the expected number of calls of `advance`; more or fewer calls are allowed.
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

    /// Removes the bar, so that the next output begins on an empty line.
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

    /// The remaining time if the speed stays the same.
    private var left: String {
        let elapsed = Double((ContinuousClock.now - began).wholeMilliseconds) / 1000
        return HumanReadable.time(.seconds(elapsed / Double(done) * Double(max(0, total - done))))
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
