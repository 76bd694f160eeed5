import CVips
import Model

/// An ICC profile that is embedded in a file.
struct ColourProfile {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The one that libvips has read. Nil if the file has none.
    init?(of picture: Picture) {
        var data: UnsafeRawPointer?
        var count = 0
        guard picture.has(VIPS_META_ICC_NAME),
            vips_image_get_blob(picture.pointer, VIPS_META_ICC_NAME, &data, &count) == 0, let data
        else { return nil }
        bytes = Array(UnsafeRawBufferPointer(start: data, count: count))
    }

    /// How many channels it describes, by its signature of the data's colour space (ICC.1:2022, 7.2.8); 0 if
    /// that is not grey, RGB or CMYK. libvips only requires at least as many channels as a profile has, and
    /// interprets green as alpha if a grey profile is attached to RGB.
    var channels: Int {
        let signature = bytes.dropFirst(16).prefix(4)
        return ["GRAY": 1, "RGB ": 3, "CMYK": 4][String(decoding: signature, as: UTF8.self)] ?? 0
    }

    /// Interprets pixels of 8 bits per channel by this profile. Throws if it is broken.
    ///
    /// A profile may have one table of colours per rendering intent. Browsers use the perceptual one; where
    /// there is only the colorimetric one, that.
    func inSRGB(_ picture: Picture) throws(CodecError) -> Picture {
        let copy = try Picture { multires_copy(picture.pointer, $0) }
        vips_image_set_blob_copy(copy.pointer, VIPS_META_ICC_NAME, bytes, bytes.count)
        do {
            return try Picture {
                multires_icc_transform(copy.pointer, $0, VIPS_INTENT_PERCEPTUAL)
            }
        } catch {
            return try Picture { multires_icc_transform(copy.pointer, $0, VIPS_INTENT_RELATIVE) }
        }
    }

    /// Nil if it changes hardly any colour, like the many profiles that describe sRGB. To find out, a few
    /// hundred colours are converted, which takes much less time than an image.
    func unlessSRGB(bands: Int) throws(CodecError) -> ColourProfile? {
        let levels = (0...8).map { UInt8(min(255, $0 * 32)) }
        let colours =
            bands == 1
            ? Array(0...255)
            : levels.flatMap { r in levels.flatMap { g in levels.flatMap { b in [r, g, b] } } }
        let size = PixelSize(width: colours.count / bands, height: 1)
        let shown = try Picture(copying: colours, size, bands: bands)
            .inSRGB(from: .profile(self)).evaluated()
        let isUnchanged = (0..<size.width).allSatisfy { index in
            (0..<shown.bands).allSatisfy { band in
                let old = Int(colours[index * bands + min(band, bands - 1)])
                return abs(Int(shown.bytes[index * shown.bands + band]) - old) <= Self.tolerance
            }
        }
        return isUnchanged ? nil : self
    }

    /// In levels of 255. Conversions are rounded, and sRGB's profiles approximate its curve.
    private static let tolerance = 2
}
