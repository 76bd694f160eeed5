import Foundation
import Support
import Testing

@Suite struct ReadmeTests {
    @Test("The README's curl commands work unchanged, with the default rate limits")
    func walk() throws {
        let readme = try String(
            contentsOfFile: Programs.projectFolder + "/README.md", encoding: .utf8)
        let block = try #require(readme.firstMatch(of: /```sh\n(site=[\s\S]*?)```/))
        let stack = try Stack(settings: ["MULTIRES_RATE_LIMITS": "on", "MULTIRES_SCRYPT": ""])
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 4032, height: 3024, in: folder)
        try FileManager.default.moveItem(atPath: photo, toPath: folder.file("photo.jpg"))
        let output = try Shell.run(
            "bash", ["-eu", "-o", "pipefail", "-c", String(block.1)],
            environment: ["MULTIRES_URL": "http://127.0.0.1:\(stack.port)"], folder: folder.path)
        #expect(output.status == 0, "\(output.errors)\n\(output.text)")
        #expect(output.text.contains(#""status":"complete""#))
        #expect(output.text.contains(#""deletedFiles":5"#))
        #expect(try pixels(of: folder.file("medium.jpg")) == "1024x1024")
    }

    @Test("Every file that ARCHITECTURE.md names exists")
    func architecture() throws {
        let text = try String(
            contentsOfFile: Programs.projectFolder + "/ARCHITECTURE.md", encoding: .utf8)
        let paths = text.matches(of: /`((?:Sources|Tests|nginx|www|deploy)\/[^`*]+)`/).map {
            String($0.1)
        }
        try #require(paths.count > 50)
        for path in paths {
            #expect(
                FileManager.default.fileExists(atPath: "\(Programs.projectFolder)/\(path)"),
                "\(path)")
        }
    }
}
