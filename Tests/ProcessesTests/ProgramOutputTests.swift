import Processes
import Testing

@Suite struct ProgramOutputTests {
    @Test("A program that prints much to both its outputs is read to the end, in whatever order")
    func both() throws {
        let parts = ["head -c 300000 /dev/zero >&2", "head -c 200000 /dev/zero"]
        for order in [parts, parts.reversed()] {
            let said = try ProgramOutput(
                of: "sh", ["-c", order.joined(separator: "; ") + "; echo end >&2; exit 3"])
            #expect(said.end == .exited(3) && !said.hasSucceeded)
            #expect(said.text.utf8.count == 200_000)
            #expect(said.errors.utf8.count == 300_004)
        }
    }

    @Test("It has the environment that it is given, and nothing to read")
    func environment() throws {
        let said = try ProgramOutput(
            of: "sh", ["-c", "cat; echo $ONLY"],
            environment: ["ONLY": "this", "PATH": "/usr/bin:/bin"])
        #expect(said.text == "this\n")
        #expect(said.hasSucceeded)
    }

    @Test("Of log lines the messages are given, of other lines all")
    func messages() throws {
        let said = try ProgramOutput(
            of: "sh", ["-c", #"echo '{"level":"warning","message":"one"}' >&2; echo two >&2"#])
        #expect(said.messages == "one two")
    }

    @Test("What is no program is an error")
    func missing() {
        #expect(throws: SystemError.self) { try ProgramOutput(of: "/no/program") }
    }
}
