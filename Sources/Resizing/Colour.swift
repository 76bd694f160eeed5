import CVips

extension Picture {
    /// Eight bits a channel, alpha included: what all variants have.
    func inEightBits() throws(Vips.Failure) -> Picture {
        guard vips_image_get_format(pointer) != VIPS_FORMAT_UCHAR else { return self }
        let space = isGrey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        return try Picture { multires_most_significant_byte(pointer, $0, space) }
    }

    /// In sRGB, or in grey that needs no profile. Untagged colours are sRGB already, as in every
    /// browser; a profile that is broken or fits not is ignored, as there.
    func inSRGB() throws(Vips.Failure) -> Picture {
        let isCMYK = vips_image_guess_interpretation(pointer) == VIPS_INTERPRETATION_CMYK
        if isCMYK || has(VIPS_META_ICC_NAME) {
            do { return try Picture { multires_icc_transform(pointer, $0) } } catch {}
        }
        guard isCMYK else { return self }
        return try Picture { multires_colourspace(pointer, $0, VIPS_INTERPRETATION_sRGB) }
    }

    /// Without EXIF (and the place in it), XMP, IPTC, profile, comments and all else that is no pixel,
    /// except an animation's timing.
    func withoutMetadata() throws(Vips.Failure) -> Picture {
        let copy = try Picture { multires_copy(pointer, $0) }
        let fields = vips_image_get_fields(pointer)
        defer { g_strfreev(fields) }
        let kept: Set = ["delay", "loop", "gif-palette"]
        var index = 0
        while let field = fields?[index] {
            if !kept.contains(String(cString: field)) { vips_image_remove(copy.pointer, field) }
            index += 1
        }
        return copy
    }

    private var isGrey: Bool { vips_image_get_bands(pointer) < 3 }
}
