import Model
import Testing

@Suite struct TimestampReadingTests {
    @Test(
        "RFC 3339 times are read with and without a fraction, in any time zone",
        arguments: [
            ("2027-01-15T08:00:00Z", 1_800_000_000_000),
            ("2027-01-15T08:00:00.000Z", 1_800_000_000_000),
            ("2027-01-15T08:00:00.250Z", 1_800_000_000_250),
            ("2027-01-15T10:00:00+02:00", 1_800_000_000_000),
        ])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test("A written time is read back unchanged")
    func roundTrip() {
        let now = Timestamp.now()
        #expect(Timestamp(rfc3339: now.rfc3339) == now)
    }

    @Test(
        "Text that is not an RFC 3339 time is refused",
        arguments: [
            "", "tomorrow", "2027-01-15", "2027-13-15T08:00:00Z", "1800000000",
            // Years that `rfc3339` cannot write.
            "99999-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}
