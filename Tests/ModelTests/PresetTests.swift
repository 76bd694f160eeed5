import Model
import Support
import Testing

@Suite("Presets")
struct PresetTests {
    @Test("The standard sizes are the documented ones, smallest first")
    func standard() {
        let sizes = Preset.standard.sizes
        #expect(sizes.map(\.name) == ["thumbnail", "small", "medium", "large"])
        #expect(sizes.map(\.box.width) == [150, 480, 1024, 1920])
        #expect(sizes.map(\.box.height) == [150, 480, 1024, 1920])
    }

    @Test("A revision is eight hexadecimal digits, the same every time")
    func revision() {
        for size in Preset.standard.sizes {
            let revision = Preset.standard.revision(of: size)
            #expect(revision.count == 8)
            #expect(revision.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(Preset(sizes: [size]).revision(of: size) == revision)
        }
    }

    @Test("A size with any other setting has another revision")
    func otherRevisions() {
        let changes: [(inout Preset.Encoding) -> Void] = [
            { _ in }, { $0.jpegQuality = 81 }, { $0.webpQuality = 81 }, { $0.webpEffort = 3 },
            { $0.pngCompression = 7 }, { $0.gifEffort = 4 }, { $0.avifQuality = 61 },
            { $0.avifEffort = 1 },
        ]
        let box = PixelSize(width: 150, height: 150)
        let size = Preset.Size(name: "thumbnail", box: box)
        var revisions = changes.map { change in
            var encoding = Preset.Encoding()
            change(&encoding)
            return Preset(sizes: [size], encoding: encoding).revision(of: size)
        }
        let others: [Preset.Size] = [
            .init(name: "tiny", box: box),
            .init(name: "thumbnail", box: PixelSize(width: 150, height: 151)),
            .init(name: "thumbnail", box: box, fit: .cover),
            .init(name: "thumbnail", box: box, fit: .inside),
            .init(name: "thumbnail", box: box, format: .webp),
            .init(name: "thumbnail", box: box, quality: 70),
        ]
        revisions += others.map { Preset(sizes: [$0]).revision(of: $0) }
        #expect(Set(revisions).count == changes.count + others.count)
    }

    @Test("A setting that a size does not use does not change its revision")
    func sameRevisions() {
        let webp = Preset.Size(
            name: "hero", box: PixelSize(width: 1600, height: 600), format: .webp, quality: 82)
        var encoding = Preset.Encoding()
        encoding.jpegQuality = 70
        encoding.webpQuality = 70
        #expect(
            Preset(sizes: [webp]).revision(of: webp)
                == Preset(sizes: [webp, Preset.standard.sizes[0]], encoding: encoding)
                .revision(of: webp))
    }

    @Test("A changed preset lists its missing sizes and the superseded variants")
    func differences() {
        func variants(_ preset: Preset) -> [Variant] {
            preset.sizes.map {
                Variant(
                    name: $0.name, revision: preset.revision(of: $0), format: $0.format(of: .png),
                    pixels: $0.box, bytes: 1)
            }
        }
        let old = Preset.standard
        #expect(old.missing(from: variants(old), of: .png).isEmpty)
        #expect(old.superseded(among: variants(old), of: .png).isEmpty)
        #expect(
            old.missing(from: variants(old), of: .webp).count == 4, "other formats, other files")

        let larger = Preset.Size(name: "large", box: PixelSize(width: 2000, height: 2000))
        let new = Preset(sizes: Array(old.sizes[..<2]) + [larger])
        #expect(new.missing(from: variants(old), of: .png) == [larger])
        #expect(
            new.superseded(among: variants(old), of: .png).map(\.name) == ["medium", "large"])
    }
}
