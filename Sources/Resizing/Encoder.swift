import CVips
import Model

extension Frames {
    /// In a format without animation, encodes the first frame.
    func encoded(
        as format: ImageFormat, _ settings: Preset.Encoding
    ) throws(CodecError) -> [UInt8] {
        let picture = format.isAnimated ? try joined() : pictures[0]
        switch format {
        case .jpeg, .heic: return try picture.jpeg(settings)
        case .png: return try picture.png(settings)
        case .webp: return try picture.webp(settings)
        case .gif: return try picture.gif(settings)
        case .avif: return try picture.avif(settings)
        }
    }
}

extension Picture {
    /// JPEG has no alpha: transparent pixels become white.
    fileprivate func jpeg(_ settings: Preset.Encoding) throws(CodecError) -> [UInt8] {
        let opaque = hasAlpha ? try Picture { multires_flatten(pointer, $0) } : self
        return try opaque.bytes {
            multires_jpegsave($0, $1, $2, Int32(settings.jpegQuality))
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

    fileprivate func gif(_ settings: Preset.Encoding) throws(CodecError) -> [UInt8] {
        try bytes { multires_gifsave($0, $1, $2, Int32(settings.gifEffort)) }
    }

    fileprivate func avif(_ settings: Preset.Encoding) throws(CodecError) -> [UInt8] {
        try bytes {
            multires_avifsave($0, $1, $2, Int32(settings.avifQuality), Int32(settings.avifEffort))
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
