import Foundation
import Support
import Testing

/// The progress of a command.
@Suite struct ProgressTests {
    @Test("A command shows a progress bar on a terminal only, and the same result everywhere")
    func progress() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        for _ in 0..<3 { try harness.image(of: owner) }
        let quiet = try harness.multires("backup", harness.folder.file("one"))
        #expect(quiet.errors.isEmpty && !quiet.text.contains("["), quiet.said)
        let command = "\(Programs.path("multires")) backup \(harness.folder.file("two"))"
        let shown = try Shell.run(
            "script", ["-qec", command, "/dev/null"], environment: harness.environment)
        #expect(shown.text.contains("\rcopying images [=========="), shown.said)
        #expect(shown.text.contains("1 of 3"), shown.said)
        #expect(shown.text.contains("3 images in "), shown.said)
    }
}
