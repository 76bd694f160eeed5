import Model
import Testing

@testable import Media

private func box(_ length: UInt8, _ major: String, _ compatible: String = "") -> [UInt8] {
    [0, 0, 0, length] + Array("ftyp\(major)".utf8) + [0, 0, 0, 0] + Array(compatible.utf8)
}

private let riff: [UInt8] = Array("RIFF".utf8) + [0x24, 0x10, 0, 0]
private let padding = [UInt8](repeating: 0, count: 64)

@Suite struct MediaTypeTests {
    @Test(
        "A format is detected by its first bytes",
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0] + padding, .jpeg),
            ([0xFF, 0xD8, 0xFF, 0xE1] + padding, .jpeg),
            ([0xFF, 0xD8, 0xFF, 0xDB], .jpeg),
            (Array("\u{89}PNG\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }) + padding, .png),
            (riff + Array("WEBPVP8 ".utf8) + padding, .webp),
            (riff + Array("WEBPVP8L".utf8) + padding, .webp),
            (riff + Array("WEBPVP8X".utf8) + padding, .webp),
            (Array("GIF87a".utf8) + padding, .gif),
            (Array("GIF89a".utf8) + padding, .gif),
            (box(32, "avif", "avifmif1miafMA1B") + padding, .avif),
            (box(28, "mif1", "mif1avifmiaf") + padding, .avif),
            (box(28, "avis", "avismsf1avif") + padding, .avif),
            (box(24, "msf1", "msf1avis") + padding, .avif),
            (box(24, "miaf", "mif1avif") + padding, .avif),
            (box(24, "miaf", "mif1heic") + padding, .heic),
            (box(24, "MiHB", "mif1heix") + padding, .heic),
            (box(116, "mif1", String(repeating: "jpeg", count: 24) + "avif") + padding, .avif),
            (box(116, "mif1", String(repeating: "jpeg", count: 24) + "heic") + padding, .heic),
            (box(24, "heic", "mif1heic") + padding, .heic),
            (box(40, "heic", "mif1MiHEMiPrmiafMiHBheic") + padding, .heic),
            (box(24, "heix", "mif1heix") + padding, .heic),
            (box(24, "mif1", "mif1heic") + padding, .heic),
            (box(24, "msf1", "msf1hevc") + padding, .heic),
            (box(24, "hevc", "msf1hevc") + padding, .heic),
            (box(100, "mif1", "mif1heic") + padding + padding, .heic),
        ] as [([UInt8], ImageFormat)])
    func accepted(head: [UInt8], format: ImageFormat) {
        #expect(ImageFormat(sniffing: head) == format)
        #expect(ImageFormat(sniffing: Array(head.prefix(ImageFormat.sniffedBytes))) == format)
    }

    @Test(
        "Bytes that only resemble a format are refused",
        arguments: [
            [], [0xFF], [0xFF, 0xD8], [0xFF, 0xD8, 0x00, 0xFF], [0x89, 0x50, 0x4E, 0x47],
            Array("\u{89}PNG\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }) + padding,
            Array("PNG\r\n".utf8), Array("GIF88a".utf8) + padding, Array("GIF8".utf8),
            Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8), Array("<?xml version".utf8),
            Array("<!DOCTYPE html>".utf8), Array("just text, long enough to look at".utf8),
            Array("%PDF-1.7".utf8), Array("BM".utf8) + padding, Array("II*\0".utf8) + padding,
            Array("PK\u{3}\u{4}".utf8) + padding, padding,
            riff, riff + Array("WAVEfmt ".utf8) + padding, riff + Array("AVI LIST".utf8) + padding,
            riff + Array("WEBP".utf8), riff + Array("WEBPJUNK".utf8) + padding,
            Array("XIFF....WEBPVP8 ".utf8) + padding,
            box(24, "mp42", "isommp42") + padding, box(24, "isom", "avifheic") + padding,
            box(20, "qt  ", "qt  ") + padding,
            box(20, "mif1", "mif1") + padding, box(24, "mif1", "mif1jpeg") + padding,
            // The brand is outside the box, the box is invalid, or its end is missing.
            box(20, "mif1", "mif1avif") + padding, box(12, "avif") + padding,
            box(0, "avif") + padding, box(33, "avif", "avifmif1") + padding,
            box(32, "avif", "avif"), box(32, "avif"), Array("\0\0\0\u{20}ftyp".utf8),
        ] as [[UInt8]])
    func refused(head: [UInt8]) {
        #expect(ImageFormat(sniffing: head) == nil)
    }
}
