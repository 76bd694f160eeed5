import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Colours by code points (nclx, ITU-T H.273) against values that these tests calculate from the definitions.
@Suite struct AVIFColourTests {
    let folder = TemporaryFolder()
    private static let side = 8
    /// 0 to 255.
    private static let colours = [
        [255, 255, 255], [128, 128, 128], [60, 60, 60], [180, 60, 40], [60, 150, 70],
        [50, 70, 170], [200, 190, 80], [90, 160, 180], [150, 90, 150], [20, 25, 30],
        [120, 110, 100], [220, 200, 190],
    ]

    private func file(_ codes: String, _ options: [String] = []) throws -> [UInt8] {
        let image = TestImage(Self.side * Self.colours.count, Self.side, depth: 16) { x, _ in
            Self.colours[x / Self.side].map { $0 * 257 }
        }
        return try AVIFEncoder.file(
            image.write("colours.png", in: folder),
            options: AVIFEncoder.lossless
                + ["-y", "444", "-d", "12", "--nclx", codes] + options, in: folder)
    }

    private func shown(_ file: [UInt8]) throws -> [[Int]] {
        let decoded = try Decoded(file, as: .avif, in: folder)
        return Self.colours.indices.map { decoded[$0 * Self.side + 4, 4] }
    }

    @Test(
        "Primaries and transfer characteristics are converted to sRGB",
        arguments: [1, 9, 12], [1, 13, 4, 8, 16, 18])
    func codes(_ primaries: Int, _ transfer: Int) throws {
        let isBright = transfer == 16 || transfer == 18
        let shown = try shown(file("\(primaries)/\(transfer)/0"))
        for (found, colour) in zip(shown, Self.colours) {
            let wanted = Expected.sRGB(colour.map { Double($0) / 255 }, primaries, transfer)
            // The table of tones is read with two digits.
            let isRight = zip(found, wanted).allSatisfy {
                abs(Double($0) - $1) <= (isBright ? 4 : 2.5)
            }
            #expect(isRight, "\(colour): \(found), not \(wanted)")
        }
    }

    @Test("A profile is more exact than code points, so it counts")
    func profile() throws {
        let profile = try Photos.write(
            BuiltInProfile.bytes("p3", in: folder), to: folder.file("p3.icc"))
        let plain = try shown(file("1/13/0"))
        let (one, other) = (
            try shown(file("1/13/0", ["--icc", profile])),
            try shown(file("9/16/0", ["--icc", profile]))
        )
        #expect(one == other && one != plain)
    }

    @Test("The brightest light that an image declares changes how its tones are mapped")
    func lightLevel() throws {
        let plain = try HEIFMaker.items(of: file("9/16/0"), in: folder).colour
        func grey(_ level: Int?) throws -> Int {
            var item = plain
            if let level {
                item.properties.append(
                    HEIFMaker.box("clli", HEIFMaker.number(level, 2) + HEIFMaker.number(100, 2)))
            }
            return try shown(HEIFMaker(.avif, item, side: 0).file([item]))[1][1]
        }
        #expect(try grey(1000) == grey(nil))
        #expect(try grey(0) == grey(nil))
        #expect(try grey(203) > grey(400) && grey(400) > grey(1000))
    }

    @Test("Values that are reserved or unspecified are taken for sRGB")
    func unspecified() throws {
        let plain = try shown(file("1/13/0"))
        #expect(try shown(file("2/2/0")) == plain)
        #expect(try shown(file("1/1/0")) == plain)
        #expect(try shown(file("1/6/0")) == plain)
    }
}

/// Definitions with their usual numbers, apart from the product's.
private enum Expected {
    /// To linear BT.709 (Rec. ITU-R BT.2087 and SMPTE RP 432).
    private static let matrices: [Int: [[Double]]] = [
        1: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        9: [
            [1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187],
        ],
        12: [
            [1.2249, -0.2249, 0], [-0.0421, 1.0421, 0], [-0.0196, -0.0786, 1.0983],
        ],
    ]
    private static let p3ToBT2020 = [
        [0.7538, 0.1986, 0.0476], [0.0457, 0.9418, 0.0125], [-0.0012, 0.0176, 0.9836],
    ]
    private static let bt709ToBT2020 = [
        [0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956],
    ]

    static func sRGB(_ colour: [Double], _ primaries: Int, _ transfer: Int) -> [Double] {
        var light = colour.map { linear($0, transfer) }
        if transfer == 16 || transfer == 18 {
            if primaries == 1 { light = apply(bt709ToBT2020, light) }
            if primaries == 12 { light = apply(p3ToBT2020, light) }
            if transfer == 18 {
                let luminance = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2]
                light = light.map { $0 * pow(max(0, luminance), 0.2) * 1000 / 203 }
            }
            let most = light.max() ?? 0
            light = light.map { most > 0 ? $0 * ToneTable.shown(most) / most : 0 }
            light = apply(matrices[9] ?? [], light)
        } else {
            light = apply(matrices[primaries] ?? [], light)
        }
        return light.map {
            let clipped = min(1, max(0, $0))
            return 255
                * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * pow(clipped, 1 / 2.4) - 0.055)
        }
    }

    private static func apply(_ matrix: [[Double]], _ colour: [Double]) -> [Double] {
        matrix.map { row in zip(row, colour).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    private static func linear(_ value: Double, _ transfer: Int) -> Double {
        switch transfer {
        case 4: return pow(value, 2.2)
        case 8: return value
        case 16:
            let root = pow(value, 1 / 78.84375)
            let ratio = max(0, root - 0.8359375) / (18.8515625 - 18.6875 * root)
            return pow(ratio, 1 / 0.1593017578125) * 10_000 / 203
        case 18:
            return value <= 0.5
                ? value * value / 3 : (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
        default: return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }
}

/// What the brightest channel becomes in Chromium on a screen of standard dynamic range, measured with files that do
/// not state their brightest light. Both in multiples of SDR white.
enum ToneTable {
    static let points = [
        (0.0, 0.0), (1, 0.5), (1.05, 0.523), (1.2, 0.578), (1.4, 0.631), (1.7, 0.698), (2, 0.755),
        (2.4, 0.812), (2.8, 0.864), (3.2, 0.896), (3.8, 0.942), (4.93, 1),
    ]

    static func shown(_ light: Double) -> Double {
        for (start, end) in zip(points, points.dropFirst()) where light <= end.0 {
            return start.1 + (end.1 - start.1) * (light - start.0) / (end.0 - start.0)
        }
        return 1
    }
}
