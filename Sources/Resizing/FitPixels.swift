import Model

extension Fit {
    /// The size of a variant in pixels. Nothing is ever enlarged: `cover` gives at most the largest crop with
    /// the box's proportions, `inside` at most the original.
    func pixels(of original: PixelSize, in box: PixelSize) -> PixelSize {
        let across = Double(box.width) / Double(original.width)
        let down = Double(box.height) / Double(original.height)
        switch self {
        case .cover:
            let scale = min(1, 1 / max(across, down))
            return PixelSize(
                width: max(1, Int((Double(box.width) * scale).rounded())),
                height: max(1, Int((Double(box.height) * scale).rounded())))
        case .inside:
            let scale = min(1, across, down)
            return PixelSize(
                width: max(1, Int((Double(original.width) * scale).rounded())),
                height: max(1, Int((Double(original.height) * scale).rounded())))
        }
    }
}
