import Foundation

/// Maps high dynamic range to that of an ordinary screen in the way of Chromium: the reference white tone
/// mapping operator (SMPTE ST 2094-50). Luminance is in multiples of that of SDR white.
///
/// Up to white, light is scaled, by less the less bright the image becomes. From white to the brightest light,
/// a quadratic Bézier curve leads to 1.
struct ToneMapping {
    /// The luminance of SDR white in cd/m² (Rec. ITU-R BT.2408).
    static let white = 203.0
    /// In cd/m², for an image that does not state how bright it becomes.
    static let usualBrightest = 1000.0

    /// The brightest light.
    let end: Double
    /// What white becomes.
    private let start: Double
    /// How far the curve's middle point is from its first point to where its tangents meet.
    private static let sharpness = 0.65

    /// - Parameter brightest: in cd/m²; 0 if it is not known.
    init(brightest: Double) {
        end = (brightest > 0 ? brightest : Self.usualBrightest) / Self.white
        start = end > 1 ? 1 - 0.5 * min(1, log2(end) / log2(Self.usualBrightest / Self.white)) : 1
    }

    /// What the brightest channel of a colour becomes, 0 to 1.
    func shown(_ light: Double) -> Double {
        guard light > 1 else { return light * start }
        guard light < end else { return 1 }
        let x = (1 - Self.sharpness) + Self.sharpness / start
        let y = (1 - Self.sharpness) * start + Self.sharpness
        // Of x(t) = 1 + linear t + square t².
        let (linear, square) = (2 * (x - 1), 1 - 2 * x + end)
        let root = (linear * linear + 4 * square * (light - 1)).squareRoot()
        let t = 2 * (light - 1) / (linear + root)
        return (1 - t) * (1 - t) * start + 2 * t * (1 - t) * y + t * t
    }

    /// The display light of HLG on a screen of 1000 cd/m² (Rec. ITU-R BT.2100, table 5: gamma 1.2), from light
    /// of the scene in BT.2020.
    static func display(scene: SIMD3<Float>) -> SIMD3<Float> {
        let luminance = (scene * SIMD3(0.2627, 0.6780, 0.0593)).sum()
        return scene * (powf(max(0, luminance), 0.2) * Float(1000 / white))
    }
}
