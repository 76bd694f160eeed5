import Administration
import ArgumentParser
import Foundation
import Model
import Operations
import Text

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check settings, disk, database, nginx and the running service.",
        discussion: """
            Prints one line per check: ok, warning or problem. Each warning and problem shows what \
            to do. The exit status is 1 if there is a problem. If the service runs, doctor uploads \
            a test image, with an account that it deletes afterwards.
            """)

    @Flag(help: "Print one JSON object: {healthy, findings: [{grade, subject, sentence}]}.")
    var json = false

    @Flag(
        help: """
            Before the checks, switch the database to the journal mode of the settings. Stop the \
            service first.
            """)
    var fix = false

    func run() throws {
        let settings = try Settings()
        // Before the checks, so that they report the new state.
        if fix { try JournalFix(settings).run() }
        let findings = DoctorChecks.findings(settings)
        let healthy = !findings.contains { $0.grade == .problem }
        if json {
            try print(JSONLine.text(Report(healthy: healthy, findings: findings)))
        } else {
            for finding in findings { print(finding) }
        }
        // A warning leaves the exit status at 0, so that a script can act on problems alone.
        if !healthy { throw ExitCode.failure }
    }

    private struct Report: Encodable {
        let healthy: Bool
        let findings: [Finding]
    }
}
