import Model

extension RenderLimits {
    /// Refuses by the header what would take too much time or memory to decode.
    func check(_ original: Original) throws(RenderError) {
        let size = original.stored
        let shape = "\(size.width) x \(size.height)"
        guard max(size.width, size.height) <= side else {
            throw .unusable(
                "side_too_long",
                "This picture is \(shape) pixels; at most \(side) a side are taken. "
                    + "Scale it down and upload it again.")
        }
        guard size.area <= pixels else {
            throw .unusable(
                "too_many_pixels",
                "This picture has \(Self.megapixels(size.area)) (\(shape)); at most "
                    + "\(Self.megapixels(pixels)) are taken. Scale it down and upload it again.")
        }
        guard !original.isInterlaced || size.area <= interlacedPixels else {
            throw .unusable(
                "too_many_interlaced_pixels",
                "This progressive or interlaced picture has \(Self.megapixels(size.area)); at most "
                    + "\(Self.megapixels(interlacedPixels)) are taken so. Save it without progressive "
                    + "or interlaced coding, or scale it down.")
        }
        guard original.frames <= frames else {
            throw .unusable(
                "too_many_frames",
                "This animation has \(original.frames) frames; at most \(frames) are taken. "
                    + "Shorten it.")
        }
        guard original.frames == 1 || original.frames * size.area <= animatedPixels else {
            throw .unusable(
                "too_many_frames",
                "This animation has \(original.frames) frames of \(shape), "
                    + "\(Self.megapixels(original.frames * size.area)) in all; at most "
                    + "\(Self.megapixels(animatedPixels)) are taken. Shorten it or scale it down.")
        }
    }

    /// Refuses what would take too long although it has few pixels: each scan goes through all of them.
    func check(_ scans: JPEGFile.Scans) throws(RenderError) {
        guard scans.count <= self.scans else {
            throw .unusable(
                "too_many_scans",
                "This progressive JPEG has more than \(self.scans) scans, which is the most that are "
                    + "taken. Save it again without progressive coding.")
        }
    }

    static func megapixels(_ pixels: Int) -> String {
        megapixels(tenths: (pixels + 99_999) / 100_000)
    }

    /// Rounded down, for a limit that is none of the settings' round numbers.
    static func megapixels(atMost pixels: Int) -> String {
        megapixels(tenths: pixels / 100_000)
    }

    private static func megapixels(tenths: Int) -> String {
        "\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") megapixels"
    }
}
