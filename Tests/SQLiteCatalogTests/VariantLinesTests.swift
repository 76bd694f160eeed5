import Foundation
import Model
import Testing

@testable import SQLiteCatalog

@Suite struct VariantLinesTests {
    private func read<Result>(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        var text = text
        return try text.withUTF8(body)
    }

    @Test("Variants of every format are read back unchanged")
    func roundTrip() throws {
        let variants = ImageFormat.allCases.enumerated().map { place, format in
            Variant(
                name: "size-\(place)_x", revision: "b8cd9b65", format: format,
                pixels: PixelSize(width: 1 + place, height: 65_535), bytes: 50_000_000_000)
        }
        let text = VariantLines.text(variants)
        #expect(try read(text, VariantLines.variants) == variants)
        #expect(read(text, VariantLines.names) == variants.map(\.name))
        #expect(VariantLines.text([]) == "")
        #expect(try read("", VariantLines.variants) == [])
        #expect(read("", VariantLines.names) == [])
    }

    @Test(
        "Text that no version of Multires wrote is refused",
        arguments: [
            "thumbnail", "thumbnail b8 jpeg 150 150", "thumbnail b8 bmp 150 150 1",
            "thumbnail b8 jpeg 150 150 1x", "thumbnail b8 jpeg  150 150 1",
            "thumbnail b8 jpeg -1 150 1", "thumbnail b8 jpeg 150 150 1234567890123456",
            "thumbnail b8 jpeg 150 150 1\nsmall b8",
        ])
    func unreadable(_ text: String) {
        #expect(throws: UnreadableColumn.self) { try read(text, VariantLines.variants) }
    }
}
