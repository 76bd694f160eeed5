import CVips
import Model

extension Picture {
    /// With 8 bits per channel, including alpha, as all variants have.
    func inEightBits() throws(CodecError) -> Picture {
        guard vips_image_get_format(pointer) != VIPS_FORMAT_UCHAR else { return self }
        let space = isGrey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        return try Picture { multires_most_significant_byte(pointer, $0, space) }
    }

    /// In sRGB, or in grey that needs no profile. As in every browser, colours without a profile are sRGB
    /// already, and a profile that is broken or does not fit the pixels is ignored.
    func inSRGB() throws(CodecError) -> Picture {
        let isCMYK = vips_image_guess_interpretation(pointer) == VIPS_INTERPRETATION_CMYK
        let channels = profileChannels()
        let source = channels == nil || channels == colourChannels ? self : try withoutProfile()
        if isCMYK || source.has(VIPS_META_ICC_NAME) {
            do { return try Picture { multires_icc_transform(source.pointer, $0) } } catch {}
        }
        guard isCMYK else { return self }
        return try Picture { multires_colourspace(pointer, $0, VIPS_INTERPRETATION_sRGB) }
    }

    private var isGrey: Bool { bands < 3 }

    private var colourChannels: Int { bands - (hasAlpha ? 1 : 0) }

    /// How many channels the embedded profile describes, by its signature of the data's colour space
    /// (ICC.1:2022, 7.2.8); 0 if that is not grey, RGB or CMYK, nil without a profile. libvips only requires
    /// at least as many channels as a profile has, and interprets green as alpha if a grey profile is
    /// attached to RGB.
    private func profileChannels() -> Int? {
        guard let profile else { return nil }
        let signature = profile.dropFirst(16).prefix(4)
        return ["GRAY": 1, "RGB ": 3, "CMYK": 4][String(decoding: signature, as: UTF8.self)] ?? 0
    }

    /// The embedded profile. Its bytes exist as long as the picture.
    fileprivate var profile: UnsafeRawBufferPointer? {
        var data: UnsafeRawPointer?
        var count = 0
        guard has(VIPS_META_ICC_NAME),
            vips_image_get_blob(pointer, VIPS_META_ICC_NAME, &data, &count) == 0, let data
        else { return nil }
        return UnsafeRawBufferPointer(start: data, count: count)
    }

    private func withoutProfile() throws(CodecError) -> Picture {
        let copy = try Picture { multires_copy(pointer, $0) }
        vips_image_remove(copy.pointer, VIPS_META_ICC_NAME)
        return copy
    }
}

/// An ICC profile that is embedded in a file.
struct ColourProfile {
    private let bytes: [UInt8]

    /// Nil if the file has none.
    init?(of picture: Picture) {
        guard let profile = picture.profile else { return nil }
        bytes = Array(profile)
    }

    /// Interprets pixels without a profile by this one.
    func inSRGB(_ picture: Picture) throws(CodecError) -> Picture {
        vips_image_set_blob_copy(picture.pointer, VIPS_META_ICC_NAME, bytes, bytes.count)
        return try picture.inSRGB().evaluated()
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
        let shown = try inSRGB(Picture(copying: colours, size, bands: bands))
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
