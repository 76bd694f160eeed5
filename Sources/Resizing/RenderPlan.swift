import Model

/// Which pixels of an original each variant shows, and the size of the master, the picture in memory from
/// which all variants are rendered. All measures refer to the upright original.
struct RenderPlan {
    struct Target {
        let size: Preset.Size
        /// The part that it shows, centred in the original.
        let crop: PixelSize
        let pixels: PixelSize
        let format: ImageFormat
        /// The resolution of colours that its encoder keeps.
        let chroma: Chroma
    }

    /// In the order of the preset.
    let targets: [Target]
    /// The part, centred in the original, that at least one variant shows. The rest need not be resized.
    let crop: PixelSize
    /// The size of that part after resizing, just large enough for every variant. With the standard preset it
    /// is the large size.
    let master: PixelSize
    /// Just enough of its colours for every variant.
    let chroma: Chroma

    init(for original: Original, fit: Fit, preset: Preset) {
        let upright = original.upright
        targets = preset.sizes.map { size in
            let fit = size.fit ?? fit
            let pixels = fit.pixels(of: upright, in: size.box)
            let crop = fit == .inside ? upright : upright.crop(like: size.box, atLeast: pixels)
            let format = size.format(of: original.format, isAnimated: original.frames > 1)
            let isSharp = original.hasFullChroma && format == .avif && pixels.isSmall
            let chroma = isSharp ? .full : preset.encoding(of: size).chroma(in: format)
            return Target(size: size, crop: crop, pixels: pixels, format: format, chroma: chroma)
        }
        let crop = PixelSize(
            width: targets.map(\.crop.width).max() ?? upright.width,
            height: targets.map(\.crop.height).max() ?? upright.height)
        let across = targets.map { Double($0.pixels.width) / Double($0.crop.width) }.max() ?? 1
        let down = targets.map { Double($0.pixels.height) / Double($0.crop.height) }.max() ?? 1
        let master = crop.scaled(across: across, down: down)
        let half = Chroma.half.size(of: master)
        let isHalfEnough = targets.allSatisfy {
            crop.share($0.crop, of: half).covers($0.chroma.size(of: $0.pixels))
        }
        (self.crop, self.master) = (crop, master)
        chroma = isHalfEnough ? .half : .full
    }

    /// The order in which variants are rendered: largest first, so that each can use an earlier one.
    var order: [Int] {
        targets.indices.sorted { targets[$0].pixels.area > targets[$1].pixels.area }
    }

    /// How much smaller a JPEG may be decoded: 1, 2, 4 or 8. libjpeg's shrinking is cruder than resizing, so
    /// each side keeps at least a quarter more pixels than needed, and resizing does the rest: with this
    /// margin the result is within 38 dB of resizing alone, without it within 36 dB.
    var shrink: Int {
        let factor = min(
            Double(crop.width) / Double(master.width), Double(crop.height) / Double(master.height))
        return [8, 4, 2].first { Double($0) * 1.25 <= factor } ?? 1
    }
}

extension PixelSize {
    /// Whether thin coloured lines, such as those of letters, show the resolution of their colours.
    fileprivate var isSmall: Bool { max(width, height) < 480 }

    /// The largest part with the proportions of `box`. Rounding never makes it smaller than `least`.
    func crop(like box: PixelSize, atLeast least: PixelSize) -> PixelSize {
        let scale = min(
            Double(width) / Double(box.width), Double(height) / Double(box.height))
        let crop = box.scaled(across: scale, down: scale)
        return PixelSize(
            width: min(width, max(crop.width, least.width)),
            height: min(height, max(crop.height, least.height)))
    }

    /// The size of `part`, which is a part of this image, in `whole`, the same image at another resolution.
    func share(_ part: PixelSize, of whole: PixelSize) -> PixelSize {
        part.scaled(
            across: Double(whole.width) / Double(width),
            down: Double(whole.height) / Double(height))
    }

    /// Rounded, but at least 1 x 1.
    func scaled(across: Double, down: Double) -> PixelSize {
        PixelSize(
            width: max(1, Int((Double(width) * across).rounded())),
            height: max(1, Int((Double(height) * down).rounded())))
    }

    func covers(_ other: PixelSize) -> Bool { width >= other.width && height >= other.height }
}
