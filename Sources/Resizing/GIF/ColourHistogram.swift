/// The colours of pixels and how often they occur. Pixels are RGBA with red in the lowest byte; 0 is
/// transparent and is not counted.
struct ColourHistogram {
    /// The mean colour of each group of pixels that are not distinguished, and the number of its pixels in the
    /// fourth element.
    private(set) var colours: [SIMD4<Float>] = []
    /// How many of the lowest bits of red, green and blue are not distinguished.
    private var droppedBits: UInt32 = 0
    /// Whether each group is one colour.
    var isExact: Bool { droppedBits == 0 }
    /// For up to `colourLimit` colours: a hash table with open addressing of colours, and the group of each.
    private var keys = [UInt32](repeating: 0, count: 1 << tableBits)
    private var places = [UInt32](repeating: 0, count: 1 << tableBits)
    /// For more colours: for each value of the bits that are distinguished, its group and one, or 0.
    private var slots: [UInt32] = []
    /// The sums of the bits of red, green and blue that are not distinguished, and the number of pixels. With
    /// two bits, a sum is less than 2^32 for 2^30 pixels.
    private var groups: [SIMD4<UInt32>] = []
    /// The places in `slots` or in `keys` that are used.
    private var used: [UInt32] = []

    /// Half of the hash table.
    private static let colourLimit = 8192
    private static let tableBits = 14
    /// More groups make the search for nearest colours slow. With fewer groups of seven bits, six bits would
    /// cost 0.2 dB, because 256 colours are not much further apart than the groups are.
    private static let groupLimit = 16_384

    /// Replaces the colours.
    mutating func count(_ pixels: [UInt32]) {
        for place in used {
            if droppedBits == 0 { keys[Int(place)] = 0 } else { slots[Int(place)] = 0 }
        }
        _ =
            countColours(pixels) || countGroups(pixels, dropping: 1, limit: Self.groupLimit)
            || countGroups(pixels, dropping: 2, limit: .max)
    }

    /// Replaces the groups of pixels by an index for each.
    ///
    /// - Parameters:
    ///   - indexes: for each element of `colours`.
    ///   - transparent: for transparent pixels.
    func map(
        _ pixels: [UInt32], by indexes: [UInt8], transparent: UInt8, to result: inout [UInt8]
    ) {
        var (last, index) = (UInt32(0), transparent)
        for position in pixels.indices {
            let pixel = pixels[position]
            if pixel != last {
                last = pixel
                index = pixel == 0 ? transparent : indexes[group(of: pixel)]
            }
            result[position] = index
        }
    }

    @inline(__always)
    private func group(of pixel: UInt32) -> Int {
        droppedBits == 0
            ? Int(places[place(of: pixel)]) : Int(slots[Self.slot(of: pixel, droppedBits)]) - 1
    }

    private mutating func start(dropping bits: UInt32) {
        droppedBits = bits
        used.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        colours.removeAll(keepingCapacity: true)
    }

    private mutating func countColours(_ pixels: [UInt32]) -> Bool {
        start(dropping: 0)
        var (last, group) = (UInt32(0), 0)
        for pixel in pixels where pixel != 0 {
            if pixel != last {
                last = pixel
                let place = place(of: pixel)
                if keys[place] == 0 {
                    guard groups.count < Self.colourLimit else {
                        for place in used { keys[Int(place)] = 0 }
                        return false
                    }
                    keys[place] = pixel
                    places[place] = UInt32(groups.count)
                    used.append(UInt32(place))
                    groups.append(SIMD4())
                }
                group = Int(places[place])
            }
            groups[group].w &+= 1
        }
        for (group, place) in zip(groups, used) {
            var colour = Self.colour(keys[Int(place)])
            colour.w = Float(group.w)
            colours.append(colour)
        }
        return true
    }

    private mutating func countGroups(
        _ pixels: [UInt32], dropping bits: UInt32, limit: Int
    ) -> Bool {
        start(dropping: bits)
        if slots.isEmpty { slots = [UInt32](repeating: 0, count: 1 << 21) }
        let rest = UInt32(1) << bits - 1
        for pixel in pixels where pixel != 0 {
            let place = Self.slot(of: pixel, bits)
            var slot = Int(slots[place])
            if slot == 0 {
                guard groups.count < limit else {
                    for place in used { slots[Int(place)] = 0 }
                    return false
                }
                groups.append(SIMD4())
                used.append(UInt32(place))
                slot = groups.count
                slots[place] = UInt32(slot)
            }
            groups[slot - 1] &+=
                SIMD4(pixel, pixel &>> 8, pixel &>> 16, 1) & SIMD4(rest, rest, rest, 1)
        }
        let kept = 8 - bits
        for (group, place) in zip(groups, used) {
            var colour = SIMD4<Float>(group) / Float(group.w)
            let high = SIMD4(place, place >> kept, place >> (2 * kept), 0) & (1 << kept - 1)
            colour += SIMD4<Float>(high &<< bits)
            colour.w = Float(group.w)
            colours.append(colour)
        }
        return true
    }

    @inline(__always)
    private func place(of pixel: UInt32) -> Int {
        var place = Int(
            truncatingIfNeeded: (pixel &* 0x9E37_79B1) &>> UInt32(32 - Self.tableBits))
        while keys[place] != 0, keys[place] != pixel {
            place = (place &+ 1) & (1 << Self.tableBits &- 1)
        }
        return place
    }

    @inline(__always)
    private static func slot(of pixel: UInt32, _ bits: UInt32) -> Int {
        let kept = 8 &- bits
        let mask = UInt32(1) &<< kept &- 1
        let (red, green, blue) = (pixel &>> bits, pixel &>> (8 &+ bits), pixel &>> (16 &+ bits))
        return Int(
            truncatingIfNeeded: red & mask | (green & mask) &<< kept
                | (blue & mask) &<< (2 &* kept))
    }

    /// Red, green, blue and 0.
    @inline(__always)
    static func colour(_ pixel: UInt32) -> SIMD4<Float> {
        SIMD4<Float>(SIMD4(pixel & 255, pixel &>> 8 & 255, pixel &>> 16 & 255, 0))
    }
}
