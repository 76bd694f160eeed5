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
        let findings =
            VersionCheck(settings).findings() + SettingsCheck(settings).findings()
            + FolderCheck(settings).findings() + CatalogCheck(settings).findings()
            + ConfinementCheck.findings() + FormatsCheck(settings).findings() + gateway(settings)
            + RoundTrip(settings).findings()
        let healthy = !findings.contains { $0.grade == .problem }
        if json {
            try print(JSONLine.text(Report(healthy: healthy, findings: findings)))
        } else {
            for finding in findings { print(finding) }
        }
        if !healthy { throw ExitCode.failure }
    }

    /// On shared hosting `deploy shared-hosting --check` tries the web server.
    private func gateway(_ settings: Settings) -> [Finding] {
        guard !WebSpace.isDeployed(settings.configuration.folders) else { return [] }
        return NginxCheck(settings).findings() + ServiceCheck(settings).findings()
    }

    private struct Report: Encodable {
        let healthy: Bool
        let findings: [Finding]
    }
}

/// One line of what the doctor says; the sentence of a warning or a problem says what to do.
struct Finding: CustomStringConvertible, Encodable {
    enum Grade: String, Encodable {
        case ok, warning, problem
    }

    let grade: Grade
    let subject: String
    let sentence: String

    init(_ grade: Grade, _ subject: String, _ sentence: String) {
        self.grade = grade
        self.subject = subject
        self.sentence = sentence
    }

    /// Good, or else.
    init(
        _ subject: String, _ isGood: Bool, ok: String, else grade: Grade = .problem,
        _ sentence: @autoclosure () -> String
    ) {
        self = isGood ? Finding(.ok, subject, ok) : Finding(grade, subject, sentence())
    }

    var description: String {
        let grade = grade.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        return "\(grade) \(subject): \(sentence.escaped { $0 == "\n" ? " " : nil }.printable)"
    }
}

/// Says what a throwing check found, or what it threw.
func findings(_ subject: String, _ check: () throws -> [Finding]) -> [Finding] {
    do {
        return try check()
    } catch {
        return [Finding(.problem, subject, "\(error)")]
    }
}
