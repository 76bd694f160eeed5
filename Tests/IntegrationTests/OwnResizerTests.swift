import Foundation
import Support
import Testing

/// Whose images a resizer process has decoded before decides which ones it still may.
@Suite struct OwnResizerTests {
    let folder = TemporaryFolder()

    @Test(
        "An image whose decoder may leave pixels unwritten shares its process with no other account",
        arguments: ["heic", "avif", "webp"])
    func own(_ format: String) throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let (one, other) = (try stack.account(), try stack.account())
        let photos = try Photos.many(3, width: 320, height: 240, in: folder)
        let risky = try Photos.converted(to: format, width: 320, height: 240, in: folder)

        _ = try one.completed(photos[0])
        let first = stack.pids("resizer")
        _ = try other.completed(photos[1])
        #expect(stack.pids("resizer") == first, "JPEG of two accounts shares a process")

        _ = try other.completed(risky)
        let second = stack.pids("resizer")
        #expect(Set(second).isDisjoint(with: first))
        _ = try other.completed(photos[2])
        #expect(stack.pids("resizer").contains(second[0]), "the same account goes on in it")

        // It cannot take this one, and need not.
        kill(second[0], SIGSTOP)
        defer { kill(second[0], SIGCONT) }
        _ = try one.completed(photos[1])
    }
}
