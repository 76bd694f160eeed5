import Model

/// JPEG's YCbCr in the full range (JFIF 1.02; ITU-T T.871, section 7), with 16 fraction bits as in libjpeg.
enum YCbCr {
    @inline(__always)
    static func rgb(_ luma: UInt8, _ cb: UInt8, _ cr: UInt8) -> (UInt8, UInt8, UInt8) {
        let (y, u, v) = (Int32(luma) << 16 + half, Int32(cb) - 128, Int32(cr) - 128)
        return (
            UInt8(clamping: (y + 91_881 * v) >> 16),
            UInt8(clamping: (y - 22_554 * u - 46_802 * v) >> 16),
            UInt8(clamping: (y + 116_130 * u) >> 16)
        )
    }

    @inline(__always)
    static func from(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> (UInt8, UInt8, UInt8) {
        let (r, g, b) = (Int32(red), Int32(green), Int32(blue))
        return (
            UInt8(truncatingIfNeeded: (19_595 * r + 38_470 * g + 7471 * b + half) >> 16),
            UInt8(clamping: (centre - 11_059 * r - 21_709 * g + 32_768 * b) >> 16),
            UInt8(clamping: (centre + 32_768 * r - 27_439 * g - 5329 * b) >> 16)
        )
    }

    private static let half: Int32 = 1 << 15
    private static let centre: Int32 = 128 << 16 + half
}

extension PlanarImage {
    /// Each chroma sample colours all pixels that it covers, so an encoder that halves chroma again gets the
    /// same samples.
    func picture() throws(CodecError) -> Picture {
        try picture(of: 0..<pixels.height)
    }

    /// In sRGB, in strips, so that little more than the planes is in memory. Only for an image with full chroma;
    /// its planes are used again.
    func inSRGB(from profile: ColourProfile) throws(CodecError) -> PlanarImage {
        let count = max(1, Self.stripPixels / pixels.width)
        var result = planes
        for top in stride(from: 0, to: pixels.height, by: count) {
            let strip = try picture(of: top..<min(top + count, pixels.height))
            let shown = try strip.inSRGB(from: .profile(profile)).evaluated()
            if shown.bands != result.count {
                result = try (0..<shown.bands).map { _ throws(CodecError) in try Plane(pixels) }
            }
            Self.read(shown, into: result, from: top)
        }
        return PlanarImage(pixels: pixels, chroma: chroma, planes: result)
    }

    private static let stripPixels = 1 << 20

    private func picture(of rows: Range<Int>) throws(CodecError) -> Picture {
        let size = PixelSize(width: pixels.width, height: rows.count)
        return try Picture(size, bands: planes.count) { y, row in
            writeRow(rows.lowerBound + y, to: row)
        }
    }

    private func writeRow(_ y: Int, to row: UnsafeMutablePointer<UInt8>) {
        let luma = planes[0].row(y)
        guard !isGrey else { return row.update(from: luma, count: pixels.width) }
        let cb = planes[1].row(y / chroma.step)
        let cr = planes[2].row(y / chroma.step)
        let shift = chroma.step - 1
        for x in 0..<pixels.width {
            (row[3 * x], row[3 * x + 1], row[3 * x + 2]) =
                YCbCr.rgb(luma[x], cb[x >> shift], cr[x >> shift])
        }
    }

    /// Writes rows of planes.
    ///
    /// - Parameters:
    ///   - picture: evaluated, with 8 bits per channel: grey or sRGB.
    ///   - top: the first row of the planes.
    private static func read(_ picture: Picture, into planes: [Plane], from top: Int) {
        let width = picture.pixels.width
        var bytes = picture.bytes.bindMemory(to: UInt8.self)[...]
        for y in top..<top + picture.pixels.height {
            let row = UnsafeBufferPointer(rebasing: bytes.prefix(width * planes.count))
            bytes = bytes.dropFirst(row.count)
            let luma = planes[0].row(y)
            if planes.count == 1 {
                for x in 0..<width { luma[x] = row[x] }
            } else {
                let (cb, cr) = (planes[1].row(y), planes[2].row(y))
                for x in 0..<width {
                    (luma[x], cb[x], cr[x]) = YCbCr.from(row[3 * x], row[3 * x + 1], row[3 * x + 2])
                }
            }
            for plane in planes { plane.repeatLastSample(ofRow: y) }
        }
    }
}
