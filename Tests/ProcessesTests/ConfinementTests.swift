import Foundation
import Support
import Testing

@Suite struct ConfinementTests {
    @Test("A confined process reads and writes its folders, and reaches nothing else")
    func confined() throws {
        let folder = TemporaryFolder()
        for part in ["in", "out"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(part), withIntermediateDirectories: false)
        }
        for file in ["in/file", "secret"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file(file)))
        }
        let output = try Shell.run(Programs.path("confined-probe"), [folder.path])
        #expect(output.status == 0, "\(output.errors)")
        let hasLandlock = !output.text.contains("no Landlock")
        var expected = [
            "socket: denied", "UNIX socket: denied", "start a program: denied",
            "signal the parent: denied", "mount: denied",
            "a symbolic link: denied", "a pipe with a name: denied", "a second name: denied",
            "a gigabyte: denied", "a megabyte: possible", "a thread: possible",
            "read in: possible", "write out: possible",
        ]
        if hasLandlock {
            expected += [
                "write in: denied", "write the file in: denied", "read beside: denied",
                "list beside: denied", "read /etc/passwd: denied",
                "link beside into out: denied",
            ]
        }
        for line in expected { #expect(output.lines.contains(line), "\(output.text)") }
    }
}
