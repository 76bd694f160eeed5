import Model

/// The resolution of the two colour planes of an image.
enum Chroma {
    /// That of luma (4:4:4).
    case full
    /// Half of it in both directions (4:2:0).
    case half

    /// How many luma samples a chroma sample covers in each direction.
    var step: Int { self == .full ? 1 : 2 }

    /// The size of a chroma plane of an image.
    func size(of pixels: PixelSize) -> PixelSize {
        PixelSize(
            width: (pixels.width + step - 1) / step, height: (pixels.height + step - 1) / step)
    }
}

extension Preset.Encoding {
    /// What an encoder keeps of chroma. Like libvips, and libheif's encoder as libvips uses it, full resolution
    /// from quality 90 on. Below, more quality at half of the resolution is better for the same bytes, even in
    /// thumbnails: SSIMULACRA2 of 150 x 150 pixels at twice the size is 72 with 4:2:0 and 71 with 4:4:4 (nine
    /// photographs, 3.8 KB).
    func chroma(in format: ImageFormat) -> Chroma {
        switch format {
        case .jpeg, .heic: jpegQuality >= 90 ? .full : .half
        case .avif: avifQuality >= 90 ? .full : .half
        case .webp: .half
        case .png, .gif: .full
        }
    }
}
