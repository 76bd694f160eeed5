import Foundation
import Support
import Testing

@Suite struct SandboxTests {
    let folder = TemporaryFolder()

    /// With Landlock version 1 (the oldest), version 2 (Debian 12), and all that this kernel has.
    @Test(
        "A sandboxed process reads and writes its own folders and changes nothing else",
        arguments: ["1", "2", "all"])
    func sandboxed(_ landlock: String) throws {
        for part in ["in", "out"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(part), withIntermediateDirectories: false)
        }
        let files = ["in/file", "secret"].map(folder.file)
        for file in files { try Data("x".utf8).write(to: URL(fileURLWithPath: file)) }
        let before = try files.map(state)
        let output = try Shell.run(Programs.path("sandbox-probe"), [folder.path, landlock])
        #expect(output.status == -SIGABRT, "\(output.errors)")
        let hasLandlock = !output.text.contains("no Landlock")
        let possible: Set = [
            "a megabyte", "a thread", "more processor time", "read in", "write out",
            "write out again",
        ]
        // If the kernel has no Landlock, only file permissions protect these.
        let landlocks: Set = [
            "write in", "write the file in", "read beside", "list beside", "read /etc/passwd",
            "remove the file in", "rename the file in",
        ]
        let attempts = output.lines.filter { !$0.hasPrefix("lacking") && !$0.hasPrefix("system") }
        #expect(attempts.count == 42, "\(output.text)")
        for line in attempts {
            let what = String(line.prefix { $0 != ":" })
            guard hasLandlock || !landlocks.contains(what) else { continue }
            #expect(line.hasSuffix(possible.contains(what) ? ": possible" : ": denied"), "\(line)")
        }
        if !output.text.contains("no seccomp") {
            #expect(output.lines.contains("system calls left: []"), "\(output.text)")
        }
        if hasLandlock { #expect(try files.map(state) == before) }
    }

    /// The attributes and content of a file, which the sandboxed process must not change.
    private func state(of path: String) throws -> [String] {
        let words = try Shell.run("stat", ["-c", "%a %u %g %s %h %Y %Z", path])
        return [words.text, try String(contentsOfFile: path, encoding: .utf8)]
    }
}
