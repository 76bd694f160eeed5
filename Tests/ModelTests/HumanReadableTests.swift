import Model
import Testing

/// Numbers in a form that is easy to read.
@Suite struct HumanReadableTests {
    @Test("A count of one has the words for one")
    func counts() {
        #expect(HumanReadable.count(0, "image") == "0 images")
        #expect(HumanReadable.count(1, "image") == "1 image")
        #expect(HumanReadable.count(2, "copy is", "copies are") == "2 copies are")
    }

    @Test("Alternatives are separated by commas, the last one by \"or\"")
    func alternatives() {
        #expect(HumanReadable.alternatives(["on"]) == "on")
        #expect(HumanReadable.alternatives(["on", "off"]) == "on or off")
        #expect(HumanReadable.alternatives(["auto", "text", "json"]) == "auto, text or json")
    }

    @Test(
        "Bytes are shown in powers of 1000, with a decimal if it is not 0 and below 100",
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1000, "1 KB"), (1550, "1.6 KB"),
            (999_499, "999 KB"), (999_500, "1 MB"), (2_345_678, "2.3 MB"),
            (123_456_789, "123 MB"), (5_000_000_000_000_000, "5000 TB"),
        ] as [(Int64, String)])
    func bytes(_ count: Int64, _ message: String) {
        #expect(HumanReadable.bytes(count) == message)
    }

    @Test(
        "Times are rounded up",
        arguments: [
            (.zero, "0 s"), (.milliseconds(1), "1 s"), (.seconds(119), "119 s"),
            (.seconds(121), "3 min"), (.seconds(7200), "2 h"), (.seconds(7 * 86400), "7 days"),
        ] as [(Duration, String)])
    func times(_ span: Duration, _ message: String) {
        #expect(HumanReadable.time(span) == message)
    }

    @Test(
        "File sizes in the API have no decimal below a megabyte",
        arguments: [
            (0, "0B"), (999, "999B"), (1000, "1KB"), (1500, "2KB"), (999_499, "999KB"),
            (999_500, "1.0MB"), (2_345_678, "2.3MB"), (12_345_678_901, "12345.7MB"),
        ] as [(Int64, String)])
    func shortBytes(_ count: Int64, _ text: String) {
        #expect(HumanReadable.shortBytes(count) == text)
    }
}
