/// Finds the nearest colour of a palette. Colours are compared by their squared distance.
struct NearestColour {
    /// Red, green, blue, and their sum divided by the square root of 3, by which they are sorted: two colours
    /// are at least as far from each other as these are.
    private var sorted: [SIMD4<Float>]
    /// The position in the palette of each element of `sorted`, and the reverse.
    private var indexes: [UInt8]
    private var places: [UInt8]

    init(_ palette: [SIMD4<Float>]) {
        sorted = palette.map { Self.withKey($0) }
        indexes = palette.indices.map { UInt8($0) }
        let keys = sorted.map(\.w)
        indexes.sort { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
        sorted = indexes.map { Self.withKey(palette[Int($0)]) }
        places = [UInt8](repeating: 0, count: palette.count)
        for (place, index) in indexes.enumerated() { places[Int(index)] = UInt8(place) }
    }

    func index(for colour: SIMD4<Float>) -> UInt8 {
        let colour = Self.withKey(colour)
        var (low, high) = (0, sorted.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].w < colour.w { low = middle + 1 } else { high = middle }
        }
        return index(for: colour, from: low)
    }

    /// - Parameter index: a palette colour that is near, which makes the search faster.
    @inline(__always)
    func index(for colour: SIMD4<Float>, near index: UInt8) -> UInt8 {
        self.index(for: Self.withKey(colour), from: Int(places[Int(index)]))
    }

    @inline(__always)
    private func index(for colour: SIMD4<Float>, from start: Int) -> UInt8 {
        var nearest = start
        var best = Self.distance(sorted[start], colour)
        var place = start + 1
        while place < sorted.count {
            let other = sorted[place]
            let ahead = other.w - colour.w
            if ahead > 0, ahead * ahead >= best { break }
            let distance = Self.distance(other, colour)
            if distance < best { (best, nearest) = (distance, place) }
            place += 1
        }
        place = start - 1
        while place >= 0 {
            let other = sorted[place]
            let behind = colour.w - other.w
            if behind > 0, behind * behind >= best { break }
            let distance = Self.distance(other, colour)
            if distance < best { (best, nearest) = (distance, place) }
            place -= 1
        }
        return indexes[nearest]
    }

    @inline(__always)
    private static func withKey(_ colour: SIMD4<Float>) -> SIMD4<Float> {
        var colour = colour
        colour.w = (colour.x + colour.y + colour.z) * 0.577_350_2
        return colour
    }

    @inline(__always)
    private static func distance(_ one: SIMD4<Float>, _ other: SIMD4<Float>) -> Float {
        let difference = one - other
        let squares = difference * difference
        return squares.x + squares.y + squares.z
    }
}
