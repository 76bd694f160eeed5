import CVips
import Model

extension Frames {
    /// In a format without animation, encodes the first frame.
    func encoded(
        as format: ImageFormat, _ settings: Preset.Encoding, _ chroma: Chroma
    ) throws(CodecError) -> [UInt8] {
        if format == .gif, let file { return file }
        switch format {
        case .jpeg, .heic: return try pictures[0].jpeg(settings, chroma)
        case .png: return try pictures[0].png(settings)
        case .webp: return try joined().webp(settings)
        case .gif: return try gif(effort: settings.gifEffort)
        case .avif: return try pictures[0].avif(settings, chroma)
        }
    }
}

extension Picture {
    /// JPEG has no alpha: transparent pixels become white.
    fileprivate func jpeg(
        _ settings: Preset.Encoding, _ chroma: Chroma
    ) throws(CodecError) -> [UInt8] {
        let opaque = hasAlpha ? try Picture { multires_flatten(pointer, $0) } : self
        return try opaque.bytes {
            multires_jpegsave($0, $1, $2, Int32(settings.jpegQuality), chroma.subsampling)
        }
    }

    fileprivate func png(_ settings: Preset.Encoding) throws(CodecError) -> [UInt8] {
        try bytes { multires_pngsave($0, $1, $2, Int32(settings.pngCompression)) }
    }

    fileprivate func webp(_ settings: Preset.Encoding) throws(CodecError) -> [UInt8] {
        let file = try bytes {
            multires_webpsave($0, $1, $2, Int32(settings.webpQuality), Int32(settings.webpEffort))
        }
        return WebP.withoutMetadata(file)
    }

    fileprivate func avif(
        _ settings: Preset.Encoding, _ chroma: Chroma
    ) throws(CodecError) -> [UInt8] {
        try bytes {
            multires_avifsave(
                $0, $1, $2, Int32(settings.avifQuality), Int32(settings.avifEffort),
                chroma.subsampling)
        }
    }

    private func bytes(
        _ save: (
            Pointer, UnsafeMutablePointer<UnsafeMutableRawPointer?>, UnsafeMutablePointer<Int>
        ) -> Int32
    ) throws(CodecError) -> [UInt8] {
        var start: UnsafeMutableRawPointer?
        var count = 0
        defer { g_free(start) }
        try watched { pointer throws(CodecError) in
            try Vips.check(save(pointer, &start, &count))
        }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension Chroma {
    fileprivate var subsampling: VipsForeignSubsample {
        self == .full ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON
    }
}
