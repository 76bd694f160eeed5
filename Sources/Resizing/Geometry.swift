import CVips
import Model

extension Picture {
    func cropped(to part: Rectangle) throws(CodecError) -> Picture {
        part.size == pixels ? self : try extracted(part)
    }

    /// One frame of an animation, whose frames are stacked vertically.
    func frame(_ index: Int) throws(CodecError) -> Picture {
        let frame = try extracted(Rectangle(left: 0, top: index * pixels.height, size: pixels))
        vips_image_remove(frame.pointer, VIPS_META_PAGE_HEIGHT)
        return frame
    }

    /// Decodes also the rows that no operation has read, to detect a file that is cut off there.
    func readToEnd() throws(CodecError) {
        let height = Int(vips_image_get_height(pointer))
        let last = PixelSize(width: pixels.width, height: 1)
        _ = try extracted(Rectangle(left: 0, top: height - 1, size: last)).evaluated()
    }

    /// Resizes with premultiplied alpha, because otherwise the colours of transparent pixels would show at
    /// edges.
    func resized(to size: PixelSize) throws(CodecError) -> Picture {
        guard size != pixels else { return self }
        guard hasAlpha else { return try scaled(to: size) }
        let format = vips_image_get_format(pointer)
        return
            try Picture { multires_premultiply(pointer, $0) }.cast(to: format)
            .scaled(to: size)
            .unpremultiplied().cast(to: format)
    }

    /// Rotated and mirrored by the EXIF orientation. Rotating reads rows out of order, which is not possible
    /// while a file is decoded from top to bottom, so the pixels are first decoded to memory.
    func upright() throws(CodecError) -> Picture {
        guard vips_image_get_orientation(pointer) > 1 else { return self }
        let pixels = try evaluated()
        return try Picture { multires_autorot(pixels.pointer, $0) }
    }

    private func extracted(_ part: Rectangle) throws(CodecError) -> Picture {
        try Picture {
            multires_extract_area(
                pointer, $0, Int32(part.left), Int32(part.top), Int32(part.size.width),
                Int32(part.size.height))
        }
    }

    /// With Catmull-Rom's cubic kernel: a sixth less work for all variants of a photo than Lanczos 3.
    /// Compared with Lanczos 3 applied directly to the original, the results have more than 41 dB and SSIM
    /// 0.993, so no difference is visible.
    private func scaled(to size: PixelSize) throws(CodecError) -> Picture {
        let across = Double(size.width) / Double(pixels.width)
        let down = Double(size.height) / Double(pixels.height)
        return try Picture { multires_resize(pointer, $0, across, down, VIPS_KERNEL_CUBIC) }
    }

    private func unpremultiplied() throws(CodecError) -> Picture {
        try Picture { multires_unpremultiply(pointer, $0) }
    }

    private func cast(to format: VipsBandFormat) throws(CodecError) -> Picture {
        try Picture { multires_cast(pointer, $0, format) }
    }
}
