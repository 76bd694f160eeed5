import Model

extension PlanarImage {
    /// Decodes a JPEG. Nil if it is not a grey or YCbCr JPEG, or if it had to be repaired.
    init?(decoding original: Original, for plan: RenderPlan) throws(CodecError) {
        guard original.format == .jpeg, let path = original.filePath else { return nil }
        let reader = try JPEGReader(path: path)
        guard let bands = reader.bands else { return nil }
        let profile = try original.colour.profile?.unlessSRGB(bands: bands)
        // A profile needs all three channels of each pixel.
        let chroma = profile == nil ? plan.chroma : .full
        var image = try PlanarImage(reader, original, plan, chroma)
        if original.isTurned { image = try image.transposed() }
        if let profile { image = try image.inSRGB(from: profile) }
        self = image
    }

    /// Decodes and resizes at once, so that only the last rows of the file are in memory. The result is
    /// mirrored as its orientation requires, but not transposed.
    private init(
        _ reader: JPEGReader, _ original: Original, _ plan: RenderPlan, _ chroma: Chroma
    ) throws(CodecError) {
        let geometry = DecodingGeometry(original, plan)
        let components = try reader.start(shrink: plan.shrink)
        var resamplers: [PlaneResampler] = []
        for component in components {
            let resolution = resamplers.isEmpty ? .full : chroma
            let resampler = try geometry.resampler(of: component, resolution)
            try component.keep(rows: resampler.rowsNeeded)
            resamplers.append(resampler)
        }
        while try reader.readRow(into: components) {
            for (component, resampler) in zip(components, resamplers) {
                let count = component.decoded
                resampler.makeRows(from: count, isAll: count == component.size.height) {
                    UnsafePointer(component.row($0))
                }
            }
        }
        // After the last block anything may follow, unless the blocks were odd already: then the file may be
        // another one than its header states.
        if reader.hasWarnings { try reader.finish() }
        self.init(pixels: geometry.pixels, chroma: chroma, planes: resamplers.map(\.result))
    }

    /// Rows become columns.
    private func transposed() throws(CodecError) -> PlanarImage {
        let turned = try planes.map { plane throws(CodecError) in try plane.transposed() }
        return PlanarImage(pixels: pixels.turned, chroma: chroma, planes: turned)
    }
}

/// Which part of a file the master shows, and how, in the orientation in which the file is stored.
private struct DecodingGeometry {
    /// The size of the master before it is transposed.
    let pixels: PixelSize
    private let part: Rectangle
    private let isMirrored: (across: Bool, down: Bool)

    init(_ original: Original, _ plan: RenderPlan) {
        pixels = original.isTurned ? plan.master.turned : plan.master
        part = Rectangle(
            centred: original.isTurned ? plan.crop.turned : plan.crop, in: original.stored)
        // As stored; the mirrored image is then transposed for 5 to 8 (JEITA CP-3451, tag 0x0112).
        isMirrored = (
            [2, 3, 7, 8].contains(original.orientation),
            [3, 4, 6, 7].contains(original.orientation)
        )
    }

    /// - Parameter resolution: that of the result.
    func resampler(
        of component: JPEGComponent, _ resolution: Chroma
    ) throws(CodecError) -> PlaneResampler {
        let (size, step) = (resolution.size(of: pixels), resolution.step)
        return try PlaneResampler(
            to: size, from: component.size,
            PlaneResampler.Mapping(
                columns: axis(
                    part.left, part.size.width, pixels.width, size.width * step - pixels.width,
                    component.pixelsPerSample.across, step, isMirrored.across),
                rows: axis(
                    part.top, part.size.height, pixels.height, size.height * step - pixels.height,
                    component.pixelsPerSample.down, step, isMirrored.down)))
    }

    /// JFIF centres a chroma sample among the pixels that it covers, so the same rule is right for all planes:
    /// the edges of samples are at the edges of pixels.
    ///
    /// - Parameters:
    ///   - excess: how many pixels the new samples cover beyond the end of the master. In a mirrored image that
    ///     is before the start of the part.
    ///   - step: how many pixels of the master a new sample covers.
    private func axis(
        _ start: Int, _ length: Int, _ newLength: Int, _ excess: Int, _ pixelsPerSample: Double,
        _ step: Int, _ isMirrored: Bool
    ) -> ResampleAxis.Mapping {
        let scale = Double(length) / Double(newLength)
        let before = isMirrored ? Double(excess) * scale : 0
        return ResampleAxis.Mapping(
            offset: (Double(start) - before) / pixelsPerSample,
            scale: scale * Double(step) / pixelsPerSample, isMirrored: isMirrored)
    }
}
