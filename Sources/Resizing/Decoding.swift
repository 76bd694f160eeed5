import Model

extension Original {
    /// The pixels that a plan needs, upright and in sRGB, without metadata.
    ///
    /// - Parameter usesPlanes: whether a JPEG may be decoded to planes, which is faster and more exact.
    func decoded(
        for plan: RenderPlan, _ usesPlanes: Bool = true
    ) throws(CodecError) -> any Bitmap {
        if usesPlanes, let planes = try PlanarImage(decoding: self, for: plan) { return planes }
        return try Frames(decoding: self, for: plan)
    }
}

extension Frames {
    /// Early steps process many pixels, later steps few. So the crop, which costs nothing, is first, and
    /// colours and rotation are done when the picture is small.
    fileprivate init(decoding original: Original, for plan: RenderPlan) throws(CodecError) {
        let crop = original.isTurned ? plan.crop.turned : plan.crop
        let pixels = original.isTurned ? plan.master.turned : plan.master
        let file = try original.open(shrink: plan.shrink)
        let part = Rectangle(
            centred: original.stored.share(crop, of: file.pixels), in: file.pixels)
        let isReadAtOnce = original.frames == 1 && part.bottom == file.pixels.height
        let strip = isReadAtOnce ? file : try file.readableInParts()
        try self.init(decoding: strip, count: original.frames) { frame throws(CodecError) in
            try frame.cropped(to: part)
                .inEightBits()
                .resized(to: pixels)
                .inSRGB()
                .upright()
                .withoutMetadata()
        }
        if !isReadAtOnce { try strip.readToEnd() }
    }
}
