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
    /// colours and rotation are done when the picture is small. Only the changed frames are ever in memory.
    fileprivate init(decoding original: Original, for plan: RenderPlan) throws(CodecError) {
        let crop = original.isTurned ? plan.crop.turned : plan.crop
        let pixels = original.isTurned ? plan.master.turned : plan.master
        let reader = try original.reader(shrink: plan.shrink)
        let part = Rectangle(
            centred: original.stored.share(crop, of: reader.pixels), in: reader.pixels)
        var pictures: [Picture] = []
        for _ in 0..<original.frames {
            let frame = try reader.next(rows: part.bottom).cropped(to: part)
            let source = original.colour.needsDepth ? frame : try frame.inEightBits()
            pictures.append(
                try source.resized(to: pixels)
                    .inSRGB(from: original.colour)
                    .upright()
                    .withoutMetadata()
                    .evaluated())
        }
        try reader.finish()
        if pictures.count > 1, reader.delays.count == pictures.count {
            pictures[0].setTiming(delays: reader.delays, plays: reader.plays)
        }
        let isWhole = original.stored == plan.master && original.stored == plan.crop
        self.init(pictures, file: isWhole ? reader.unscaled() : nil)
    }
}
