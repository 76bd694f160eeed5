import Processes
import Testing

@Suite struct ProgramOutputTests {
    @Test("Large output on both streams is read to the end, in any order")
    func both() throws {
        let parts = ["head -c 300000 /dev/zero >&2", "head -c 200000 /dev/zero"]
        for order in [parts, parts.reversed()] {
            let output = try ProgramOutput(
                of: "sh", ["-c", order.joined(separator: "; ") + "; echo end >&2; exit 3"])
            #expect(output.end == .exited(3) && !output.hasSucceeded)
            #expect(output.text.utf8.count == 200_000)
            #expect(output.errors.utf8.count == 300_004)
        }
    }

    @Test("A program has the given environment and an empty standard input")
    func environment() throws {
        let output = try ProgramOutput(
            of: "sh", ["-c", "cat; echo $ONLY"],
            environment: ["ONLY": "this", "PATH": "/usr/bin:/bin"])
        #expect(output.text == "this\n")
        #expect(output.hasSucceeded)
    }

    @Test("`messages` has the messages of JSON log lines, and other lines unchanged")
    func messages() throws {
        let output = try ProgramOutput(
            of: "sh", ["-c", #"echo '{"level":"warning","message":"one"}' >&2; echo two >&2"#])
        #expect(output.messages == "one two")
    }

    @Test("A missing program is an error")
    func missing() {
        #expect(throws: SystemError.self) { try ProgramOutput(of: "/no/program") }
    }
}
