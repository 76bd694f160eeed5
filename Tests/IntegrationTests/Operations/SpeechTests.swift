import Foundation
import Support
import Testing

@testable import Administration

/// What commands say of numbers, and of how far they are.
@Suite struct SpeechTests {
    @Test(
        "Bytes are said in powers of 1000, with a decimal where it tells something",
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1000, "1 KB"), (1550, "1.6 KB"),
            (999_499, "999 KB"), (999_500, "1 MB"), (2_345_678, "2.3 MB"),
            (123_456_789, "123 MB"), (5_000_000_000_000_000, "5000 TB"),
        ] as [(Int64, String)])
    func bytes(_ count: Int64, _ words: String) {
        #expect(Spoken.bytes(count) == words)
    }

    @Test(
        "Times are rounded up",
        arguments: [
            (.zero, "0 s"), (.milliseconds(1), "1 s"), (.seconds(119), "119 s"),
            (.seconds(121), "3 min"), (.seconds(7200), "2 h"), (.seconds(7 * 86400), "7 days"),
        ] as [(Duration, String)])
    func times(_ span: Duration, _ words: String) {
        #expect(Spoken.time(span) == words)
    }

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
