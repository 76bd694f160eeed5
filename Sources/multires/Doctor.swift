import Administration
import ArgumentParser
import Foundation
import Model
import Operations
import Text

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares settings, disk, database and nginx, and tries them on the service.",
        discussion: """
            One line per finding: ok, warning or problem; what is no ok says what to do. Exit status 1 \
            on a problem. Beside a service that runs it sends a picture of its own through it, with \
            an account that goes afterwards.
            """)

    @Flag(help: "One JSON object instead: {healthy, findings: [{grade, subject, sentence}]}.")
    var json = false

    @Flag(
        help: "First puts the database into the journal mode that is set; with everything stopped.")
    var fix = false

    func run() throws {
        let settings = try Settings()
        if fix { try JournalFix(settings).run() }
        let findings = Diagnosis.findings(settings)
        let healthy = !findings.contains { $0.grade == .problem }
        if json {
            try print(JSONLine.text(Report(healthy: healthy, findings: findings)))
        } else {
            for finding in findings { print(finding) }
        }
        if !healthy { throw ExitCode.failure }
    }

    private struct Report: Encodable {
        let healthy: Bool
        let findings: [Finding]
    }
}
