import Foundation
import Model
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "A timestamp is written as RFC 3339 in UTC, to the millisecond",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
            (1_709_164_800_001, "2024-02-29T00:00:00.001Z"),
            // Past the end of 32-bit seconds.
            (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ])
    func rfc3339(milliseconds: Int64, text: String) throws {
        let timestamp = Timestamp(milliseconds: milliseconds)
        #expect(timestamp.rfc3339 == text)
        let json = try JSONEncoder().encode([timestamp])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
    }

    @Test("Every millisecond of a second is written with its three digits")
    func milliseconds() {
        let wrong = (0..<1000).filter { milliseconds in
            let text = Timestamp(milliseconds: 1_700_000_000_000 + Int64(milliseconds)).rfc3339
            return !text.hasSuffix(".\(String(1000 + milliseconds).dropFirst())Z")
        }
        #expect(wrong.isEmpty)
    }

    @Test("Timestamps and durations count in whole milliseconds and seconds")
    func arithmetic() {
        let moment = Timestamp(milliseconds: 1_999)
        #expect(moment.seconds == 1)
        #expect((moment + .milliseconds(1)).seconds == 2)
        #expect(moment - .seconds(1) < moment)
        #expect(Duration.milliseconds(1_500).wholeMilliseconds == 1_500)
        #expect(Duration.milliseconds(1_500).wholeSeconds == 1)
    }

    @Test("The current time is right to within 5 seconds")
    func now() {
        let difference = Timestamp.now().milliseconds - Int64(Date().timeIntervalSince1970 * 1000)
        #expect(abs(difference) < 5000)
    }
}
