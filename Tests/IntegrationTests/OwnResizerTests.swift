import Foundation
import Support
import Testing

/// Which images a resizer process may decode depends on the accounts whose images it has decoded before.
@Suite struct OwnResizerTests {
    let folder = TemporaryFolder()

    @Test(
        "A format whose decoder may leave pixels unwritten never shares a process between accounts",
        arguments: ["heic", "avif", "webp"])
    func own(_ format: String) throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let (one, other) = (try stack.account(), try stack.account())
        let photos = try Photos.many(3, width: 320, height: 240, in: folder)
        let risky = try Photos.converted(to: format, width: 320, height: 240, in: folder)

        _ = try one.completed(photos[0])
        let first = stack.pids("resizer")
        _ = try other.completed(photos[1])
        #expect(stack.pids("resizer") == first, "JPEGs of two accounts may share a process")

        _ = try other.completed(risky)
        let second = stack.pids("resizer")
        #expect(Set(second).isDisjoint(with: first))
        _ = try other.completed(photos[2])
        #expect(stack.pids("resizer").contains(second[0]), "the same account may keep using it")

        // This resizer is stopped, so another one must take the image.
        kill(second[0], SIGSTOP)
        defer { kill(second[0], SIGCONT) }
        _ = try one.completed(photos[1])
    }
}
