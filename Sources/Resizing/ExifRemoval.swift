import CVips

// Variants have no metadata, such as the place where a photo was taken.

extension Picture {
    /// Without EXIF (which can have a place), XMP, IPTC, profile, comments and all other metadata, except an
    /// animation's timing and palette.
    func withoutMetadata() throws(CodecError) -> Picture {
        let copy = try Picture { multires_copy(pointer, $0) }
        let fields = vips_image_get_fields(pointer)
        defer { g_strfreev(fields) }
        let kept: Set = ["delay", "loop"]
        var index = 0
        while let field = fields?[index] {
            if !kept.contains(String(cString: field)) { vips_image_remove(copy.pointer, field) }
            index += 1
        }
        return copy
    }
}

extension WebP {
    /// Removes the EXIF, XMP and profile chunks. libvips 8.14.1 ignores `strip` when it saves WebP, and
    /// writes its own EXIF chunk even if there is no metadata.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8] {
        var kept = Array(file.prefix(12))
        var position = 12
        while position + 8 <= file.count {
            let length = 8 + padded(number(in: file, at: position + 4))
            guard position + length <= file.count else { return file }
            let chunk = file[position..<position + length]
            let name = String(decoding: chunk.prefix(4), as: UTF8.self)
            if !["EXIF", "XMP ", "ICCP"].contains(name) {
                kept += chunk
                if name == "VP8X" { kept[kept.count - length + 8] &= ~metadataFlags }
            }
            position += length
        }
        let size = UInt32(kept.count - 8)
        for index in 0..<4 { kept[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return kept
    }

    /// VP8X, first byte: ICC profile, EXIF, XMP.
    private static let metadataFlags: UInt8 = 0b0010_1100

    /// Chunks begin at even offsets.
    private static func padded(_ length: Int) -> Int { length + length % 2 }
}
