import Model

extension [Variant] {
    /// The variant that a gallery shows: the smallest whose shorter side has at least 480 pixels, or else the
    /// first of the largest. The variants are sorted, smallest first. www/openapi.json has the same number,
    /// and the page reads it from there.
    var previewed: Variant? {
        first { Swift.min($0.pixels.width, $0.pixels.height) >= 480 }
            ?? self.max { $0.pixels.width * $0.pixels.height < $1.pixels.width * $1.pixels.height }
    }
}
