import CVips
import Model

/// How the values of an image's channels stand for colours.
enum ColourDescription {
    /// Or grey with the same curve. As in every browser, the meaning of values without a description.
    case sRGB
    case profile(ColourProfile)
    case coded(CodedColour)

    /// Whether 8 bits per channel are too few before the conversion to sRGB, which spreads dark values.
    var needsDepth: Bool {
        if case .coded(let colour) = self { colour.needsDepth } else { false }
    }

    var profile: ColourProfile? {
        if case .profile(let profile) = self { profile } else { nil }
    }
}

extension Picture {
    /// With 8 bits per channel, including alpha, as all variants have.
    func inEightBits() throws(CodecError) -> Picture {
        guard !isEightBit else { return self }
        let space = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        return try Picture { multires_most_significant_byte(pointer, $0, space) }
    }

    /// In sRGB, or in grey that needs no profile, with 8 bits per channel. A profile that is broken or for
    /// another number of channels is ignored, as in browsers.
    func inSRGB(from colour: ColourDescription) throws(CodecError) -> Picture {
        let isCMYK = vips_image_guess_interpretation(pointer) == VIPS_INTERPRETATION_CMYK
        switch colour {
        case .profile(let profile) where profile.channels == colourChannels:
            do { return try profile.inSRGB(inEightBits()) } catch {}
        case .coded(let colour) where !isCMYK:
            return try colour.inSRGB(self)
        default: break
        }
        return isCMYK ? try inkAsLight() : try inEightBits()
    }

    /// Bands without alpha.
    var colourChannels: Int { bands - (hasAlpha ? 1 : 0) }

    /// Ink without a profile, as browsers show it: each ink lets through what it does not cover.
    private func inkAsLight() throws(CodecError) -> Picture {
        try converted(to: 3) { from, to, count in
            let ink = from.assumingMemoryBound(to: UInt8.self)
            for pixel in 0..<count {
                let key = 255 - Int(ink[4 * pixel + 3])
                for channel in 0..<3 {
                    let light = (255 - Int(ink[4 * pixel + channel])) * key
                    to[3 * pixel + channel] = UInt8((light + 127) / 255)
                }
            }
        }
    }
}
