import Foundation
import Support
import Testing

/// How far a command is.
@Suite struct ProgressTests {
    @Test("A terminal sees a bar; a file sees none, and both the same result")
    func progress() throws {
        let ground = try Ground()
        let owner = try ground.account()
        for _ in 0..<3 { try ground.image(of: owner) }
        let quiet = try ground.multires("backup", ground.folder.file("one"))
        #expect(quiet.errors.isEmpty && !quiet.text.contains("["), quiet.said)
        let command = "\(Programs.path("multires")) backup \(ground.folder.file("two"))"
        let shown = try Shell.run(
            "script", ["-qec", command, "/dev/null"], environment: ground.environment)
        #expect(shown.text.contains("\rcopying images [=========="), shown.said)
        #expect(shown.text.contains("1 of 3"), shown.said)
        #expect(shown.text.contains("3 images in "), shown.said)
    }
}
