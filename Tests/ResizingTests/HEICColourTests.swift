import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct HEICColourTests {
    let folder = TemporaryFolder()

    /// Monochrome: a ramp in steps of 8 pixels and 16 levels, made by libheif with x265. libvips writes no such file.
    ///
    /// - Parameter limited: which range the file declares.
    private func grey(limited: Bool, brand: String? = nil) throws -> Decoded {
        let file = try Photos.bytes(of: CorpusFiles.path("grey-ramp.heic"))
        var item = try HEIFMaker.items(of: file, in: folder).colour
        item.properties.removeAll { $0[4..<8].elementsEqual("colr".utf8) }
        item.properties.append(
            HEIFMaker.box(
                "colr", Array("nclx".utf8) + [0, 1, 0, 13, 0, 6, limited ? 0 : 0x80]))
        let maker = HEIFMaker(.heic, item, side: 64)
        return try Decoded(maker.file([item], .init(brand: brand)), as: .heic, in: folder)
    }

    @Test("Grey of limited range is widened, grey of full range is not")
    func range() throws {
        let (full, limited) = (try grey(limited: false), try grey(limited: true))
        for step in 0..<16 {
            let (x, value) = (step * 8 + 4, Double(step * 16))
            #expect(abs(Double(full[x, 32][0]) - value) <= 2, "\(step): \(full[x, 32])")
            let wanted = min(255, max(0, (value - 16) * 255 / 219))
            #expect(abs(Double(limited[x, 32][0]) - wanted) <= 2, "\(step): \(limited[x, 32])")
        }
    }

    @Test("A HEIC with a brand that does not name its codec is read", arguments: ["miaf", "MiHB"])
    func brands(_ brand: String) throws {
        let decoded = try grey(limited: false, brand: brand)
        #expect(decoded.width == 128 && decoded.height == 64)
    }
}
