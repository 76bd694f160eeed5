import Model
import ResizerClient
import Support
import Testing

@testable import Resizing

/// JPEG files of every sampling, orientation and parity of sides are at least as close to an exact reference by
/// planes as by libvips.
@Suite struct PlanarLikenessTests {
    let folder = TemporaryFolder()

    static let preset = Preset(sizes: [
        .init(name: "small", box: PixelSize(width: 61, height: 47)),
        .init(name: "medium", box: PixelSize(width: 120, height: 120), fit: .inside),
        .init(name: "large", box: PixelSize(width: 201, height: 134)),
    ])

    @Test(
        "Every sampling and orientation",
        arguments: [
            "1x1", "2x1", "1x2", "2x2", "4x1", "4x2", "1x1,1x2,1x2", "3x1", "2x2,1x2,2x1",
            "2x2 -progressive", "grayscale",
        ], 1...8)
    func sampling(_ sampling: String, _ orientation: Int) throws {
        let options =
            sampling == "grayscale" ? "-grayscale" : "-sample \(sampling)"
        // An odd and an even side.
        let photo = try JPEGMaker.file(
            433, 322, "-quality 90 \(options)", orientation: orientation, in: folder)
        // If luma has fewer samples than chroma, the reference has luma as libvips interpolates it.
        let margin = sampling.hasPrefix("1x1,") ? 0.5 : 0.1
        try expectLikeness(
            photo, Self.preset, "\(sampling) \(orientation)", margin: margin, fits: [.cover])
    }

    @Test("Small images and extreme proportions", arguments: ["1x1", "2x1", "2x2"])
    func small(_ sampling: String) throws {
        for (width, height) in [
            (1, 1), (2, 1), (1, 9), (7, 5), (8, 8), (9, 17), (15, 16), (16, 33), (640, 3), (2, 640),
        ] {
            let photo = try JPEGMaker.file(
                width, height, "-quality 95 -sample \(sampling)", in: folder)
            try expectLikeness(photo, Self.preset, "\(width)x\(height) \(sampling)")
        }
    }

    @Test(
        "A photo that is decoded at a half, a quarter and an eighth of its size", arguments: 1...8)
    func shrunk(_ orientation: Int) throws {
        let photo = try JPEGMaker.file(
            1603, 1202, "-quality 90 -sample 2x2", orientation: orientation, in: folder)
        for side in [420, 220, 110, 5] {
            let preset = Preset(sizes: [
                .init(name: "small", box: PixelSize(width: side, height: side))
            ])
            try expectLikeness(photo, preset, "\(side) \(orientation)")
        }
    }

    /// Renders by planes and by libvips, and compares the variants with the reference.
    ///
    /// - Parameter margin: how many dB less planes may have. In few pixels, JPEG's rounding decides.
    private func expectLikeness(
        _ photo: String, _ preset: Preset, _ comment: String, margin: Double = 0.1,
        fits: [Fit] = [.cover, .inside]
    ) throws {
        for fit in fits {
            let byPlanes = try Resizer.render(
                photo, as: .jpeg, fit: fit, preset: preset, in: folder)
            let byVips = try Resizer.render(
                photo, as: .jpeg, fit: fit, preset: preset, usesPlanes: false, in: folder)
            let rendering = try #require(byPlanes.rendering, "\(byPlanes.report)")
            #expect(byPlanes.shapes == byVips.shapes, "\(comment)")
            try Resizer.trying {
                let original = try Original(opening: photo, as: .jpeg, within: Resizer.limits)
                let plan = RenderPlan(for: original, fit: fit, preset: preset)
                for (target, variant) in zip(plan.targets, rendering.variants) {
                    let reference = try LanczosReference(
                        photo, as: .jpeg, crop: target.crop, to: variant.pixels)
                    let planes = try reference.likeness(to: byPlanes.path(variant.name), as: .jpeg)
                    let vips = try reference.likeness(to: byVips.path(variant.name), as: .jpeg)
                    #expect(
                        try #require(planes) > #require(vips) - margin - 25
                            / Double(variant.pixels.area),
                        "\(comment) \(fit) \(variant.name) \(variant.pixels)")
                }
            }
        }
    }
}
