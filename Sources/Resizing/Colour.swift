import CVips

extension Picture {
    /// With 8 bits per channel, including alpha, as all variants have.
    func inEightBits() throws(Vips.Failure) -> Picture {
        guard vips_image_get_format(pointer) != VIPS_FORMAT_UCHAR else { return self }
        let space = isGrey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        return try Picture { multires_most_significant_byte(pointer, $0, space) }
    }

    /// In sRGB, or in grey that needs no profile. As in every browser, colours without a profile are sRGB
    /// already, and a profile that is broken or does not fit the pixels is ignored.
    func inSRGB() throws(Vips.Failure) -> Picture {
        let isCMYK = vips_image_guess_interpretation(pointer) == VIPS_INTERPRETATION_CMYK
        let profile = profileChannels()
        let source = profile == nil || profile == colourChannels ? self : try withoutProfile()
        if isCMYK || source.has(VIPS_META_ICC_NAME) {
            do { return try Picture { multires_icc_transform(source.pointer, $0) } } catch {}
        }
        guard isCMYK else { return self }
        return try Picture { multires_colourspace(pointer, $0, VIPS_INTERPRETATION_sRGB) }
    }

    private var isGrey: Bool { vips_image_get_bands(pointer) < 3 }

    private var colourChannels: Int {
        Int(vips_image_get_bands(pointer)) - (hasAlpha ? 1 : 0)
    }

    /// How many channels the embedded profile describes, by its signature of the data's colour space
    /// (ICC.1:2022, 7.2.8); 0 if that is not grey, RGB or CMYK, nil without a profile. libvips only requires
    /// at least as many channels as a profile has, and interprets green as alpha if a grey profile is
    /// attached to RGB.
    private func profileChannels() -> Int? {
        var data: UnsafeRawPointer?
        var count = 0
        guard has(VIPS_META_ICC_NAME),
            vips_image_get_blob(pointer, VIPS_META_ICC_NAME, &data, &count) == 0, let data
        else { return nil }
        let signature = UnsafeRawBufferPointer(start: data, count: count).dropFirst(16).prefix(4)
        return ["GRAY": 1, "RGB ": 3, "CMYK": 4][String(decoding: signature, as: UTF8.self)] ?? 0
    }

    private func withoutProfile() throws(Vips.Failure) -> Picture {
        let copy = try Picture { multires_copy(pointer, $0) }
        vips_image_remove(copy.pointer, VIPS_META_ICC_NAME)
        return copy
    }
}
