import Model

/// Which pixels of an original each size shows, and the one picture that all are made from. All
/// measures are of the upright original.
struct Plan {
    struct Target {
        let size: Preset.Size
        /// What it shows: so much of the original's middle.
        let crop: PixelSize
        let pixels: PixelSize
    }

    /// As in the preset.
    let targets: [Target]
    /// The middle of the original that some size shows; the rest need not be resized.
    let crop: PixelSize
    /// That middle, just large enough for every size. With the standard preset it is the large size.
    let master: PixelSize

    init(for original: PixelSize, fit: Fit, sizes: [Preset.Size]) {
        targets = sizes.map { size in
            let fit = size.fit ?? fit
            let pixels = fit.pixels(of: original, in: size.box)
            let crop = fit == .inside ? original : original.crop(like: size.box, atLeast: pixels)
            return Target(size: size, crop: crop, pixels: pixels)
        }
        let crop = PixelSize(
            width: targets.map(\.crop.width).max() ?? original.width,
            height: targets.map(\.crop.height).max() ?? original.height)
        let across = targets.map { Double($0.pixels.width) / Double($0.crop.width) }.max() ?? 1
        let down = targets.map { Double($0.pixels.height) / Double($0.crop.height) }.max() ?? 1
        self.crop = crop
        master = crop.scaled(across: across, down: down)
    }

    /// In the order they are made in: largest first, so that each can be made of one before it.
    var order: [Int] {
        targets.indices.sorted { targets[$0].pixels.area > targets[$1].pixels.area }
    }

    /// How much smaller a JPEG may be decoded at once: 1, 2, 4 or 8. What libjpeg leaves out is cruder
    /// than resizing, so a quarter more pixels than wanted are left to that: with it the result is
    /// within 38 dB of resizing alone, without it within 36.
    var shrink: Int {
        let factor = min(
            Double(crop.width) / Double(master.width), Double(crop.height) / Double(master.height))
        return [8, 4, 2].first { Double($0) * 1.25 <= factor } ?? 1
    }
}

extension PixelSize {
    /// The largest part with a box's proportions; rounding never makes it smaller than `least`.
    func crop(like box: PixelSize, atLeast least: PixelSize) -> PixelSize {
        let scale = min(
            Double(width) / Double(box.width), Double(height) / Double(box.height))
        let crop = box.scaled(across: scale, down: scale)
        return PixelSize(
            width: min(width, max(crop.width, least.width)),
            height: min(height, max(crop.height, least.height)))
    }

    /// Of `whole`, which is this picture in other pixels, as much as `part` is of this one.
    func share(_ part: PixelSize, of whole: PixelSize) -> PixelSize {
        part.scaled(
            across: Double(whole.width) / Double(width),
            down: Double(whole.height) / Double(height))
    }

    /// Rounded, and never to nothing.
    func scaled(across: Double, down: Double) -> PixelSize {
        PixelSize(
            width: max(1, Int((Double(width) * across).rounded())),
            height: max(1, Int((Double(height) * down).rounded())))
    }

    func covers(_ other: PixelSize) -> Bool { width >= other.width && height >= other.height }
}
