import CVips
import Model

/// Colours by their primaries and transfer curve, as AVIF (nclx) and PNG (cICP, or gAMA and cHRM) state them.
struct CodedColour: Equatable {
    let primaries: Primaries
    let transfer: TransferCurve
    /// How bright an image of high dynamic range becomes, in cd/m²; 0 if it does not state that.
    var brightest = 0.0

    init(_ primaries: Primaries, _ transfer: TransferCurve) {
        (self.primaries, self.transfer) = (primaries, transfer)
    }

    var isSRGB: Bool { primaries == .bt709 && transfer == .sRGB }

    /// Linear light and high dynamic range need more than 8 bits per channel, or dark areas have steps.
    var needsDepth: Bool { transfer.isHighDynamicRange || transfer == .gamma(1) }

    /// In sRGB, with 8 bits per channel; colours that sRGB does not have are clipped. Light that is brighter
    /// than white is mapped to what a screen can show.
    func inSRGB(_ picture: Picture) throws(CodecError) -> Picture {
        guard !isSRGB, let conversion = Conversion(self, isDeep: !picture.isEightBit) else {
            return try picture.inEightBits()
        }
        let (bands, channels) = (picture.bands, picture.colourChannels)
        return try picture.converted(to: bands) { from, to, count in
            for pixel in 0..<count {
                let start = pixel * bands
                let colour: SIMD3<Float>
                if channels < 3 {
                    colour = SIMD3(repeating: conversion.linear(from, start))
                } else {
                    colour = SIMD3(
                        conversion.linear(from, start), conversion.linear(from, start + 1),
                        conversion.linear(from, start + 2))
                }
                let shown = conversion.shown(colour)
                to[start] = shown.red
                if channels > 1 { (to[start + 1], to[start + 2]) = (shown.green, shown.blue) }
                if bands > channels {
                    to[start + channels] = conversion.alpha(from, start + channels)
                }
            }
        }
    }
}

/// The tables of a conversion.
private struct Conversion {
    private let isDeep: Bool
    private let isHLG: Bool
    /// Linear light of each value.
    private let light: [Float]
    /// To BT.2020 for high dynamic range, where tones are mapped; else to sRGB's primaries.
    private let matrix: FloatMatrix
    /// By what a colour is multiplied, by its brightest channel. Empty for an ordinary range.
    private let gains: [Float]
    private let gainScale: Float

    init?(_ colour: CodedColour, isDeep: Bool) {
        let isHighRange = colour.transfer.isHighDynamicRange
        guard let matrix = colour.primaries.matrix(to: isHighRange ? .bt2020 : .bt709) else {
            return nil
        }
        let count = isDeep ? 1 << 16 : 1 << 8
        self.isDeep = isDeep
        isHLG = colour.transfer == .hlg
        light = (0..<count).map { Float(colour.transfer.linear(Double($0) / Double(count - 1))) }
        self.matrix = FloatMatrix(matrix)
        let tones = ToneMapping(brightest: colour.brightest)
        gainScale = Float(Self.gainSteps) / Float(tones.end)
        gains = (isHighRange ? 0...Self.gainSteps : 0...0).map { step in
            let bright = max(Double(step), 0.5) / Double(Self.gainSteps) * tones.end
            return Float(tones.shown(bright) / bright)
        }
    }

    @inline(__always)
    func linear(_ row: UnsafeRawPointer, _ index: Int) -> Float {
        light[value(row, index)]
    }

    @inline(__always)
    func alpha(_ row: UnsafeRawPointer, _ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: isDeep ? value(row, index) >> 8 : value(row, index))
    }

    @inline(__always)
    private func value(_ row: UnsafeRawPointer, _ index: Int) -> Int {
        isDeep
            ? Int(row.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
            : Int(row.load(fromByteOffset: index, as: UInt8.self))
    }

    @inline(__always)
    func shown(_ light: SIMD3<Float>) -> (red: UInt8, green: UInt8, blue: UInt8) {
        var colour = matrix.applied(to: light)
        if gains.count > 1 {
            if isHLG { colour = ToneMapping.display(scene: colour) }
            let bright = max(colour.x, colour.y, colour.z)
            let step = bright * gainScale
            // Beyond the table, the brightest channel becomes 1.
            if bright > 0 {
                colour *= step < Float(Self.gainSteps) ? gains[Int(step + 0.5)] : 1 / bright
            }
            colour = Self.toBT709.applied(to: colour)
        }
        return (Self.value(colour.x), Self.value(colour.y), Self.value(colour.z))
    }

    @inline(__always)
    private static func value(_ light: Float) -> UInt8 {
        // Also for a value that is not a number.
        guard light > 0 else { return 0 }
        return values[Int(min(light, 1) * Float(steps) + 0.5)]
    }

    private static let toBT709 = FloatMatrix(Primaries.bt2020.matrix(to: .bt709) ?? .identity)
    private static let gainSteps = 1 << 12

    /// Enough for half a level where sRGB's curve is steepest.
    private static let steps = 1 << 14
    private static let values: [UInt8] = (0...steps).map {
        UInt8((TransferCurve.sRGBValue(Double($0) / Double(steps)) * 255).rounded())
    }
}

private struct FloatMatrix {
    private let columns: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)

    init(_ matrix: Matrix3) {
        columns = (
            SIMD3<Float>(matrix.columns.0), SIMD3<Float>(matrix.columns.1),
            SIMD3<Float>(matrix.columns.2)
        )
    }

    @inline(__always)
    func applied(to colour: SIMD3<Float>) -> SIMD3<Float> {
        columns.0 * colour.x + columns.1 * colour.y + columns.2 * colour.z
    }
}
