import Foundation
import Support
import Testing

/// A service whose trial of AVIF fails in another way than with an error.
@Suite struct HangingCodecTests {
    /// - Parameter command: the shell command that runs instead of the trial of AVIF.
    private func stack(_ command: String) throws -> (Stack, programs: TemporaryFolder) {
        let programs = TemporaryFolder()
        for name in ["multires", "auth-responder", "image-responder", "resize-worker"] {
            // A program looks for the others in its own folder.
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
        "A codec that hangs or crashes disables only its own format, and delays no other image",
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
        #expect(log.contains(reason) && log.contains("AVIF images cannot be read"), "\(log)")
    }
}
