import Model

/// What has to be drawn for a frame of an animation. Pixels are RGBA with red in the lowest byte; 0 is
/// transparent.
struct GIFChange {
    /// Around all pixels that change.
    let place: Rectangle
    /// The pixels of the frame there, row by row.
    let frame: [UInt32]
    /// The same, with 0 for pixels that do not change. At most three of them in a row are drawn, too.
    let changes: [UInt32]
    /// Whether the place becomes transparent before the next frame is drawn.
    let isCleared: Bool

    /// Fewer pixels that do not change make the codes longer: those of a moving photograph by 8 %.
    private static let shortRun = 4

    /// The first frame is drawn completely.
    init(first frame: [UInt32], before next: [UInt32]?, of size: PixelSize) {
        place = Rectangle(left: 0, top: 0, size: size)
        (self.frame, changes) = (frame, frame)
        isCleared = Self.vanishing(from: frame, before: next, of: size) != nil
    }

    /// - Parameters:
    ///   - before: what is shown when the frame is drawn. `frame` is opaque where this is.
    ///   - next: the next frame. What it does not show of this one must be cleared.
    init(
        to frame: [UInt32], from before: [UInt32], before next: [UInt32]?, of size: PixelSize
    ) {
        let changed = Self.bounds(in: size) { frame[$0] != before[$0] }
        let vanishing = Self.vanishing(from: frame, before: next, of: size)
        isCleared = vanishing != nil
        guard let place = Self.union(changed, vanishing) else {
            // A frame that is equal to the previous one is one transparent pixel.
            place = Rectangle(left: 0, top: 0, size: PixelSize(width: 1, height: 1))
            (self.frame, changes) = ([0], [0])
            return
        }
        self.place = place
        var pixels: [UInt32] = []
        var changes: [UInt32] = []
        pixels.reserveCapacity(place.size.area)
        changes.reserveCapacity(place.size.area)
        for y in place.top..<place.bottom {
            let start = y * size.width + place.left
            let row = start..<start + place.size.width
            pixels += frame[row]
            var equal = 0
            for position in row {
                equal = frame[position] == before[position] ? equal + 1 : 0
                changes.append(equal > Self.shortRun ? 0 : frame[position])
                if equal == Self.shortRun {
                    for place in changes.count - equal..<changes.count { changes[place] = 0 }
                }
            }
        }
        (self.frame, self.changes) = (pixels, changes)
    }

    private static func union(_ one: Rectangle?, _ other: Rectangle?) -> Rectangle? {
        guard let one, let other else { return one ?? other }
        return one.union(other)
    }

    /// What is shown when the next frame is drawn.
    ///
    /// - Parameter frame: all pixels of this one.
    func shown(after frame: [UInt32], of size: PixelSize) -> [UInt32] {
        guard isCleared else { return frame }
        var shown = frame
        for y in place.top..<place.bottom {
            let start = y * size.width + place.left
            for position in start..<start + place.size.width { shown[position] = 0 }
        }
        return shown
    }

    /// The rectangle around the pixels that are opaque in a frame and transparent in the next one.
    private static func vanishing(
        from frame: [UInt32], before next: [UInt32]?, of size: PixelSize
    ) -> Rectangle? {
        next.flatMap { next in bounds(in: size) { frame[$0] != 0 && next[$0] == 0 } }
    }

    /// The smallest rectangle around the pixels for which `isIncluded` is true. Nil if there are none.
    @inline(__always)
    private static func bounds(
        in size: PixelSize, _ isIncluded: (_ position: Int) -> Bool
    ) -> Rectangle? {
        guard let first = (0..<size.area).first(where: isIncluded),
            let last = (0..<size.area).last(where: isIncluded)
        else { return nil }
        let (top, bottom) = (first / size.width, last / size.width + 1)
        var (left, right) = (size.width, 0)
        for y in top..<bottom {
            let start = y * size.width
            if let x = (0..<left).first(where: { isIncluded(start + $0) }) { left = x }
            if let x = (right..<size.width).last(where: { isIncluded(start + $0) }) {
                right = x + 1
            }
        }
        return Rectangle(
            left: left, top: top, size: PixelSize(width: right - left, height: bottom - top))
    }
}

extension Rectangle {
    /// The smallest rectangle around both.
    fileprivate func union(_ other: Rectangle) -> Rectangle {
        let (left, top) = (min(left, other.left), min(top, other.top))
        let right = max(self.left + size.width, other.left + other.size.width)
        return Rectangle(
            left: left, top: top,
            size: PixelSize(width: right - left, height: max(bottom, other.bottom) - top))
    }
}
