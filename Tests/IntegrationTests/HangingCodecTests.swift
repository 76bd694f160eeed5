import Foundation
import Support
import Testing

/// A service whose resizer tries AVIF with a codec that fails in other ways than by an error.
@Suite struct HangingCodecTests {
    /// - Parameter command: what the trial of AVIF does instead, in a shell.
    private func stack(_ command: String) throws -> (Stack, programs: TemporaryFolder) {
        let programs = TemporaryFolder()
        for name in ["multires", "auth-responder", "image-responder", "resize-worker"] {
            // A program finds the others beside its own file.
            try FileManager.default.copyItem(
                atPath: Programs.path(name), toPath: programs.file(name))
        }
        let resizer = programs.file("resizer")
        try """
        #!/bin/sh
        case "$1 $2" in --formats*avif*) \(command) ;; esac
        exec \(Programs.path("resizer")) "$@"
        """.write(toFile: resizer, atomically: true, encoding: .utf8)
        chmod(resizer, 0o755)
        return (
            try Stack(
                program: programs.file("multires"), settings: ["MULTIRES_RENDER_STALL": "4s"]),
            programs
        )
    }

    @Test(
        "Only its own format is not offered, and other images do not wait for it",
        arguments: [
            ("exec sleep 1000", "took too long"), ("kill -SEGV $$", "ended with"),
            ("exec tr '\\0' y < /dev/zero", "printed too much"), ("exec yes", "printed no report"),
            ("echo no report; exit 0", "printed no report"),
        ])
    func oneFormat(_ command: String, _ reason: String) throws {
        let (stack, programs) = try stack(command)
        defer { withExtendedLifetime(programs) {} }
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try client.completed(Photos.jpeg(width: 320, height: 240, in: folder))
        #expect(photo["status"].string == "complete", "\(stack.logText)")
        let formats = try client.get("/api/limits")["formats"].array.compactMap(\.string)
        #expect(!formats.contains("image/avif"))
        #expect(formats.contains("image/heic"))
        let log = stack.logText { $0.contains(reason) }
        #expect(log.contains(reason) && log.contains("AVIF pictures cannot be read"), "\(log)")
    }
}
