import Model

extension RenderLimits {
    /// Refuses, by its header, an original that would take too much time or memory to decode.
    func check(_ original: Original) throws(RenderError) {
        let size = original.coded
        let shape = "\(size.width) x \(size.height)"
        guard max(size.width, size.height) <= side else {
            throw .imageFailed(
                "side_too_long",
                "This image is \(shape) pixels; the limit is \(side) pixels a side. "
                    + "Scale it down and upload it again.")
        }
        guard size.area <= pixels else {
            throw .imageFailed(
                "too_many_pixels",
                "This image has \(Self.megapixels(size.area)) (\(shape)); the limit is "
                    + "\(Self.megapixels(pixels)). Scale it down and upload it again.")
        }
        guard !original.isInterlaced || size.area <= interlacedPixels else {
            throw .imageFailed(
                "too_many_interlaced_pixels",
                "This progressive or interlaced image has \(Self.megapixels(size.area)); the limit "
                    + "for such images is \(Self.megapixels(interlacedPixels)). Save it without "
                    + "progressive or interlaced coding, or scale it down.")
        }
        guard original.frames <= frames else {
            throw .imageFailed(
                "too_many_frames",
                "This animation has \(original.frames) frames; the limit is \(frames). "
                    + "Shorten it.")
        }
        guard original.frames == 1 || original.workPixels <= animatedPixels else {
            throw .imageFailed(
                "too_many_frames",
                "This animation has \(original.frames) frames of \(shape), "
                    + "\(Self.megapixels(original.workPixels)) in all; the limit is "
                    + "\(Self.megapixels(animatedPixels)). Shorten it or scale it down.")
        }
    }

    /// Refuses an original that would take too long although it has few pixels: each scan processes all of
    /// them.
    func check(_ scans: JPEGFile.Scans) throws(RenderError) {
        guard scans.count <= self.scans else {
            throw .imageFailed(
                "too_many_scans",
                "This progressive JPEG has more than \(self.scans) scans, which is the limit. "
                    + "Save it again without progressive coding.")
        }
    }

    static func megapixels(_ pixels: Int) -> String {
        megapixels(tenths: pixels / 100_000 + (pixels % 100_000 == 0 ? 0 : 1))
    }

    /// Rounded down, for a limit that is computed and not a round number from a setting.
    static func megapixels(atMost pixels: Int) -> String {
        megapixels(tenths: pixels / 100_000)
    }

    private static func megapixels(tenths: Int) -> String {
        "\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") megapixels"
    }
}
