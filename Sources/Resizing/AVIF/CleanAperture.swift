import CAvif
import Model

extension Rectangle {
    /// The part that a clean aperture shows (ISO/IEC 14496-12, 12.1.4), without what is outside of the image.
    /// Nil if its numbers are no fractions, or if nothing is left.
    init?(_ aperture: avifCleanApertureBox, in whole: PixelSize) {
        let denominators = [
            aperture.widthD, aperture.heightD, aperture.horizOffD, aperture.vertOffD,
        ]
        guard denominators.allSatisfy({ $0 > 0 }) else { return nil }
        let columns = Self.range(
            Double(aperture.widthN) / Double(aperture.widthD),
            Double(Int32(bitPattern: aperture.horizOffN)) / Double(aperture.horizOffD),
            in: whole.width)
        let rows = Self.range(
            Double(aperture.heightN) / Double(aperture.heightD),
            Double(Int32(bitPattern: aperture.vertOffN)) / Double(aperture.vertOffD),
            in: whole.height)
        guard !columns.isEmpty, !rows.isEmpty else { return nil }
        self.init(
            left: columns.lowerBound, top: rows.lowerBound,
            size: PixelSize(width: columns.count, height: rows.count))
    }

    /// - Parameter offset: of the middle from the middle of the image.
    private static func range(_ length: Double, _ offset: Double, in whole: Int) -> Range<Int> {
        let start = ((Double(whole) - length) / 2 + offset).rounded()
        let end = start + length.rounded()
        let limits = 0.0...Double(whole)
        let (first, last) = (start.clamped(to: limits), end.clamped(to: limits))
        return Int(first)..<max(Int(first), Int(last))
    }
}

extension Double {
    fileprivate func clamped(to limits: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, limits.lowerBound), limits.upperBound)
    }
}
