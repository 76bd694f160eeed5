import Foundation

/// How the values of a channel, 0 to 1, stand for linear light.
enum TransferCurve: Equatable {
    case sRGB
    /// A power; 1 is linear.
    case gamma(Double)
    /// Perceptual quantizer (SMPTE ST 2084): absolute luminance up to 10,000 cd/m².
    case pq
    /// Hybrid log-gamma (Rec. ITU-R BT.2100).
    case hlg
    /// SMPTE 240M.
    case smpte240
    /// SMPTE ST 428-1, of digital cinema.
    case smpte428

    /// ITU-T H.273, table 3. Nil for a value that is reserved or means "unspecified", and for the curves 9, 10
    /// and 12, which Chromium does not know.
    ///
    /// - Parameter video: the curve of video signals, whose own one is that of a camera.
    init?(code: Int, video: TransferCurve) {
        switch code {
        case 1, 6, 11, 14, 15: self = video
        case 4: self = .gamma(2.2)
        case 5: self = .gamma(2.8)
        case 7: self = .smpte240
        case 8: self = .gamma(1)
        case 16: self = .pq
        case 17: self = .smpte428
        case 13: self = .sRGB
        case 18: self = .hlg
        default: return nil
        }
    }

    var isHighDynamicRange: Bool { self == .pq || self == .hlg }

    /// Linear light. Of PQ, in multiples of the luminance of SDR white; of HLG, that of the scene, 0 to 1.
    func linear(_ value: Double) -> Double {
        switch self {
        case .sRGB: value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        case .gamma(let exponent): pow(value, exponent)
        case .pq: Self.pq(value) * 10_000 / ToneMapping.white
        case .hlg: Self.hlg(value)
        case .smpte240:
            value < 0.0912 ? value / 4 : pow((value + 0.1115) / 1.1115, 1 / 0.45)
        case .smpte428: pow(value, 2.6) * 52.37 / 48
        }
    }

    /// SMPTE ST 2084, the electro-optical transfer function; 1 is 10,000 cd/m².
    private static func pq(_ value: Double) -> Double {
        let (m1, m2) = (2610.0 / 16384, 2523.0 / 4096 * 128)
        let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32)
        let root = pow(value, 1 / m2)
        return pow(max(0, root - c1) / (c2 - c3 * root), 1 / m1)
    }

    /// BT.2100, table 5: the inverse of the opto-electronic transfer function.
    private static func hlg(_ value: Double) -> Double {
        let (a, b, c) = (0.17883277, 0.28466892, 0.55991073)
        return value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12
    }

    static func sRGBValue(_ linear: Double) -> Double {
        linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055
    }
}
