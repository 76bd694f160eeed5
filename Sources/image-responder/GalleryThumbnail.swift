import Model

extension [Variant] {
    /// What a gallery shows: the smallest whose shorter side has 480 pixels or more, or else the first
    /// of the largest. They are smallest first. openapi.json has the same number, and the page takes it
    /// from there.
    var previewed: Variant? {
        first { Swift.min($0.pixels.width, $0.pixels.height) >= 480 }
            ?? self.max { $0.pixels.width * $0.pixels.height < $1.pixels.width * $1.pixels.height }
    }
}
