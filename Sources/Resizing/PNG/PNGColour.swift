extension PNGHead {
    /// By the first of these that the file has: cICP, iCCP, sRGB, gAMA with or without cHRM (PNG, third edition,
    /// section 4.3). libpng would prefer sRGB to iCCP.
    var colour: ColourDescription {
        if let coded = codePoints { return coded.isSRGB ? .sRGB : .coded(coded) }
        if let profile { return .profile(profile) }
        if has("sRGB") { return .sRGB }
        return measured.map(ColourDescription.coded) ?? .sRGB
    }

    /// Section 11.3.2.6. Chromium shows video signals by a power of 2.4 in PNG, and by sRGB's curve in AVIF.
    private var codePoints: CodedColour? {
        // The matrix must be 0. Browsers ignore the chunk if the range is limited.
        guard let codes = data("cICP"), codes.count == 4, codes[2] == 0, codes[3] == 1,
            let primaries = Primaries(code: Int(codes[0])),
            let curve = TransferCurve(code: Int(codes[1]), video: .gamma(2.4))
        else { return nil }
        var colour = CodedColour(primaries, curve)
        colour.brightest = brightest
        return colour
    }

    /// In cd/m², by the brightest pixel (cLLI, 11.3.2.8), or by the screen on which the image was made (mDCV,
    /// 11.3.2.7); 0 if it is not known.
    private var brightest: Double {
        if let level = number("cLLI", at: 0), level > 0 { return Double(level) / 10_000 }
        return number("mDCV", at: 16).map { Double($0) / 10_000 } ?? 0
    }

    /// Section 11.3.2.3: a name, a zero, the compression method, a zlib stream.
    private var profile: ColourProfile? {
        guard let chunk = data("iCCP", most: Self.profileBytes),
            let name = chunk.firstIndex(of: 0),
            let bytes = DeflatedRows.inflated(chunk.dropFirst(name + 2), most: Self.profileBytes)
        else { return nil }
        return ColourProfile(bytes)
    }

    /// Those of printers have one or two megabytes.
    private static let profileBytes = 8 << 20

    /// Sections 11.3.2.1 and 11.3.2.2. As in Chromium, an exponent of about 1/2.2 means sRGB's curve only if there
    /// are no chromaticities, and unusable ones make both chunks void.
    private var measured: CodedColour? {
        guard let gamma = number("gAMA", at: 0), gamma > 0 else { return nil }
        let exponent = 100_000 / Double(gamma)
        guard has("cHRM") else {
            return abs(2.2 / exponent - 1) <= 0.05 ? nil : CodedColour(.bt709, .gamma(exponent))
        }
        return chromaticities.map { CodedColour($0, .gamma(exponent)) }
    }

    private var chromaticities: Primaries? {
        let points = (0..<4).compactMap { index -> Chromaticity? in
            guard let x = number("cHRM", at: 8 * index), let y = number("cHRM", at: 8 * index + 4)
            else { return nil }
            return Chromaticity(Double(x) / 100_000, Double(y) / 100_000)
        }
        guard points.count == 4 else { return nil }
        let primaries = Primaries(
            red: points[1], green: points[2], blue: points[3], white: points[0])
        return primaries.matrix(to: .bt709) == nil ? nil : primaries
    }

    /// Four bytes of a chunk.
    private func number(_ name: String, at position: Int) -> Int? {
        guard let data = data(name) else { return nil }
        var reader = ByteReader(data, at: position)
        return reader.bigEndian(4)
    }
}
