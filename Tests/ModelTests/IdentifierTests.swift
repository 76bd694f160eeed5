import Foundation
import Model
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test("A new identifier is a lower-case UUID of version 7 that contains its time")
    func form() throws {
        // RFC 9562, appendix A.6: this moment's 48 bits.
        let moment = Timestamp(milliseconds: 0x017F_22E2_79B0)
        let text = Identifier<Image>(at: moment).text
        #expect(text.hasPrefix("017f22e2-79b0-7"))
        #expect("89ab".contains(text[text.index(text.startIndex, offsetBy: 19)]))
        #expect(text == text.lowercased())
        #expect(Identifier<Image>(text)?.text == text)
    }

    @Test("Identifiers sort in the order of their creation")
    func order() {
        let ids = (0..<1000).map {
            Identifier<Image>(at: Timestamp(milliseconds: 1_800_000_000_000 + Int64($0))).text
        }
        #expect(ids == ids.sorted())
        #expect(Set((0..<1000).map { _ in Identifier<Image>() }).count == 1000)
    }

    @Test(
        "Only one spelling of an identifier is accepted",
        arguments: [
            "", "x", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
            "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "../../../../../../../../../etc/passwd",
            "017f22e2-79b0-7cc3-98c4-dc0c0c0739é", "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        ])
    func refuses(_ text: String) {
        #expect(Identifier<Image>(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Identifier<Image>].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test("In JSON, an identifier is its text")
    func json() throws {
        let id = Identifier<Image>()
        let json = try JSONEncoder().encode([id])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSONDecoder().decode([Identifier<Image>].self, from: json) == [id])
    }
}
