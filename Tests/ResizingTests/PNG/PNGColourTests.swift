import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// The chunks that describe the colours of a PNG (third edition, section 4.3).
@Suite struct PNGColourTests {
    let folder = TemporaryFolder()
    typealias Chunks = [(name: String, data: [UInt8])]

    private static let image = TestImage(40, 8) { x, _ in
        [[200, 60, 40], [60, 150, 70], [50, 70, 170], [128, 128, 128], [30, 30, 30]][x / 8]
    }

    private func shown(_ chunks: Chunks, _ image: TestImage = image) throws -> [[Int]] {
        let decoded = try Decoded(image.png(chunks), as: .png, in: folder)
        return (0..<5).map { decoded[$0 * 8 + 4, 4] }
    }

    private static func gamma(_ value: Int) -> (name: String, data: [UInt8]) {
        ("gAMA", HEIFMaker.number(value, 4))
    }

    private static func chromaticities(_ values: [Int]) -> (name: String, data: [UInt8]) {
        ("cHRM", values.flatMap { HEIFMaker.number($0, 4) })
    }

    private static let sRGBPoints = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]
    private static let wide: (name: String, data: [UInt8]) = ("cICP", [9, 13, 0, 1])
    private static let sRGB: (name: String, data: [UInt8]) = ("sRGB", [0])

    private func profile(_ name: String) throws -> (name: String, data: [UInt8]) {
        let bytes = try BuiltInProfile.bytes(name, in: folder)
        return ("iCCP", Array("name\0\0".utf8) + TestImage.stored(bytes))
    }

    private static func isLike(_ found: [[Int]], _ wanted: [[Int]], within most: Int = 2) -> Bool {
        zip(found.joined(), wanted.joined()).allSatisfy { abs($0 - $1) <= most }
    }

    @Test("cICP counts before iCCP, iCCP before sRGB, sRGB before gAMA and cHRM, in any order")
    func priority() throws {
        let p3 = try profile("p3")
        let gamma = Self.gamma(100_000)
        let (plain, wide, profiled, linear) = (
            try shown([]), try shown([Self.wide]), try shown([p3]), try shown([gamma])
        )
        let all = [plain, wide, profiled, linear]
        for (index, one) in all.enumerated() {
            for other in all[(index + 1)...] { #expect(!Self.isLike(one, other, within: 4)) }
        }
        let rest = [p3, Self.sRGB, gamma, Self.chromaticities(Self.sRGBPoints)]
        #expect(try shown([Self.wide] + rest) == wide)
        #expect(try shown(rest + [Self.wide]) == wide)
        #expect(try shown(rest) == profiled)
        #expect(try shown(rest.reversed()) == profiled)
        #expect(try shown(Array(rest[1...])) == plain)
        #expect(try shown([gamma, Self.sRGB]) == plain)
    }

    @Test("An exponent alone of about 1/2.2 means sRGB; with chromaticities it is a power")
    func exponents() throws {
        let plain = try shown([])
        for value in [45455, 45000, 46000] { #expect(try shown([Self.gamma(value)]) == plain) }
        let power = try shown([Self.gamma(45455), Self.chromaticities(Self.sRGBPoints)])
        #expect(power != plain && Self.isLike(power, plain, within: 12))
        // sRGB's curve is brighter in the dark.
        #expect(power[4][0] < plain[4][0])
        for (value, exponent) in [(100_000, 1.0), (55_556, 1.8)] {
            let made = try shown([Self.gamma(value)])
            for (found, original) in zip(made, plain) {
                for (channel, old) in zip(found, original) {
                    let light = pow(Double(old) / 255, exponent)
                    let wanted = TransferCurve.sRGBValue(light) * 255
                    #expect(abs(Double(channel) - wanted) <= 1, "\(value): \(old)")
                }
            }
        }
        #expect(try shown([Self.gamma(0)]) == plain)
        #expect(try shown([Self.chromaticities(Self.sRGBPoints)]) == plain)
    }

    @Test("Chromaticities change colours and not grey; those that are impossible are ignored")
    func chromaticities() throws {
        let plain = try shown([])
        let p3 = [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000]
        let made = try shown([Self.gamma(45455), Self.chromaticities(p3)])
        #expect(made[0][0] > plain[0][0] + 5)
        #expect(made[3].allSatisfy { abs($0 - made[3][0]) <= 1 })
        let flat = [31270, 32900, 10000, 10000, 20000, 20000, 40000, 40000]
        #expect(try shown([Self.gamma(45455), Self.chromaticities(flat)]) == plain)
        #expect(try shown([Self.gamma(45455), ("cHRM", [1, 2, 3])]) == plain)
    }

    @Test(
        "cICP of limited range, with a matrix, of another length or with unknown primaries is ignored"
    )
    func ignored() throws {
        let plain = try shown([])
        for codes: [UInt8] in [[9, 13, 0, 0], [9, 13, 1, 1], [9, 13, 0], [3, 13, 0, 1]] {
            #expect(try shown([("cICP", codes)]) == plain, "\(codes)")
        }
        // Video signals have a power of 2.4.
        #expect(try shown([("cICP", [1, 1, 0, 1])]) != plain)
        #expect(try shown([("cICP", [1, 13, 0, 1])]) == plain)
    }

    @Test("The brightest light of a PNG changes how tones are mapped: cLLI, then mDCV")
    func light() throws {
        let pq: (name: String, data: [UInt8]) = ("cICP", [9, 16, 0, 1])
        func level(_ light: Int) -> (name: String, data: [UInt8]) {
            ("cLLI", HEIFMaker.number(light * 10_000, 4) + HEIFMaker.number(1, 4))
        }
        func screen(_ light: Int) -> (name: String, data: [UInt8]) {
            (
                "mDCV",
                Array(repeating: 0, count: 16) + HEIFMaker.number(light * 10_000, 4)
                    + HEIFMaker.number(1, 4)
            )
        }
        let plain = try shown([pq])
        #expect(try shown([pq, level(1000)]) == plain)
        let dim = try shown([pq, level(300)])
        #expect(dim[3][0] > plain[3][0])
        #expect(try shown([pq, screen(300)]) == dim)
        #expect(try shown([pq, screen(4000), level(300)]) == dim)
        #expect(try shown([pq, screen(4000), level(0)]) != dim)
    }

    @Test("A profile that is damaged, too large, or for other channels is ignored")
    func profiles() throws {
        let plain = try shown([])
        let p3 = try profile("p3")
        var wrong: [(String, [UInt8])] = [
            ("no name", Array(p3.data.dropFirst(5))), ("empty", []),
            ("cut", Array(p3.data.dropLast(p3.data.count / 2))),
            ("rubbish", Array("name\0\0".utf8) + [UInt8](repeating: 7, count: 200)),
        ]
        var large = try BuiltInProfile.bytes("p3", in: folder)
        large += [UInt8](repeating: 0, count: (8 << 20) + 1)
        let packed = try DeflatedRows.repaired([TestImage.stored(large)[...]], bytes: large.count)
        #expect(packed.count < 1 << 20)
        wrong.append(("too large", Array("name\0\0".utf8) + packed))
        for (what, data) in wrong { #expect(try shown([("iCCP", data)]) == plain, "\(what)") }
        #expect(try shown([profile("cmyk")]) == plain)
    }

    @Test("Grey, palettes, alpha and 16 bits are converted like other pixels")
    func kinds() throws {
        let linear = [Self.gamma(100_000)]
        let wanted = try shown(linear)[3][0]
        let grey = TestImage(40, 8, bands: 1) { _, _ in [128] }
        #expect(try shown(linear, grey)[0] == [wanted])
        let greyAlpha = TestImage(40, 8, bands: 2) { x, _ in [128, 3 * x] }
        #expect(try shown(linear, greyAlpha)[0] == [wanted, 12])
        let alpha = TestImage(40, 8, bands: 4) { x, _ in [128, 128, 128, 3 * x] }
        #expect(try shown(linear, alpha)[1] == [wanted, wanted, wanted, 36])
        let deep = TestImage(40, 8, depth: 16) { _, _ in [128 * 257, 128 * 257, 128 * 257] }
        #expect(try shown(linear, deep)[0].allSatisfy { abs($0 - wanted) <= 1 })
        let deepAlpha = TestImage(40, 8, bands: 4, depth: 16) { _, _ in
            [128 * 257, 128 * 257, 128 * 257, 77 * 257]
        }
        #expect(try shown(linear, deepAlpha)[0][3] == 77)

        let (colours, palette) = (folder.file("rgb.png"), folder.file("palette.png"))
        _ = try Photos.write(Self.image.png(), to: colours)
        try Photos.vips(["pngsave", colours, palette, "--palette", "--dither", "0"])
        var bytes = try Photos.bytes(of: palette)
        let plain = try Decoded(bytes, as: .png, in: folder)
        var chunk: [UInt8] = []
        PNGFile.append("gAMA", HEIFMaker.number(100_000, 4)[...], to: &chunk)
        bytes.insert(contentsOf: chunk, at: 33)
        let made = try Decoded(bytes, as: .png, in: folder)
        #expect(made[28, 4].prefix(3).allSatisfy { abs($0 - wanted) <= 3 })
        #expect(plain[28, 4] != made[28, 4])
    }

    @Test("A chunk that means nothing leaves the colours to the next one")
    func meaningless() throws {
        let gamma = Self.gamma(55_556)
        let wanted = try shown([gamma])
        // Unspecified, and a curve that is reserved.
        for codes in [[2, 2], [2, 13], [1, 2], [9, 99]] as [[UInt8]] {
            #expect(try shown([("cICP", codes + [0, 1]), gamma]) == wanted, "\(codes)")
        }
        let plain = try shown([])
        // White is on the line between the primaries; all points are zero; the cone response has a zero.
        let line = [31270, 32900, 30000, 30000, 40000, 40000, 50000, 50000]
        let cone = [14969, 80257, 64000, 33000, 30000, 60000, 15000, 6000]
        for points in [line, [Int](repeating: 0, count: 8), cone] {
            #expect(try shown([gamma, Self.chromaticities(points)]) == plain, "\(points)")
        }
    }
}
