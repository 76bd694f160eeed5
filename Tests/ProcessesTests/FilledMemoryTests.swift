import Processes
import Support
import Testing

@Suite struct FilledMemoryTests {
    @Test("Memory that is given out again holds nothing of what was there before")
    func filled() throws {
        let output = try Shell.run(
            Programs.path("confined-probe"), ["blocks"], environment: FilledMemory.environment)
        #expect(output.text == "[]\n")
    }
}
