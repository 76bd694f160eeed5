import Processes
import Support
import Testing

@Suite struct FilledMemoryTests {
    @Test("Memory that is allocated again has nothing of its earlier content")
    func filled() throws {
        let output = try Shell.run(
            Programs.path("sandbox-probe"), ["blocks"], environment: FilledMemory.environment)
        #expect(output.text == "[]\n")
    }
}
