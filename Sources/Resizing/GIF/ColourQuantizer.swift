/// Reduces colours to a palette with a small squared error: divides the box with the largest error until there
/// are enough boxes (as Wu's quantiser), and then moves each palette colour to the mean of the colours that
/// are nearest to it (k-means).
struct ColourQuantizer {
    /// At least one.
    var steps = 2

    /// - Parameter colours: red, green, blue and weight.
    /// - Returns: a palette of at most `limit` colours, and the nearest of them for each colour.
    func palette(
        of colours: [SIMD4<Float>], limit: Int
    ) -> (palette: [SIMD4<Float>], nearest: [UInt8]) {
        var (palette, nearest) = divided(colours, limit)
        for _ in 0..<steps {
            let search = NearestColour(palette)
            var sums = [SIMD4<Float>](repeating: SIMD4(), count: palette.count)
            var last = [SIMD4<Float>](repeating: SIMD4(), count: palette.count)
            for index in colours.indices {
                let colour = colours[index]
                let place = search.index(for: colour, near: nearest[index])
                nearest[index] = place
                var weighted = colour * colour.w
                weighted.w = colour.w
                sums[Int(place)] += weighted
                last[Int(place)] = colour
            }
            for index in palette.indices where sums[index].w > 0 {
                palette[index] = sums[index] / sums[index].w
            }
        }
        palette = palette.map { ($0 + 0.5).rounded(.down) }
        let search = NearestColour(palette)
        for index in colours.indices {
            nearest[index] = search.index(for: colours[index], near: nearest[index])
        }
        return (palette, nearest)
    }

    private func divided(
        _ colours: [SIMD4<Float>], _ limit: Int
    ) -> (palette: [SIMD4<Float>], boxes: [UInt8]) {
        var order = colours.indices.map { UInt32($0) }
        var sorted = colours
        var boxes = [Box(sorted, 0..<sorted.count)]
        while boxes.count < limit {
            var largest = 0
            for index in boxes.indices where boxes[index].error > boxes[largest].error {
                largest = index
            }
            let box = boxes[largest]
            guard box.error > 0 else { break }
            var (low, high) = (box.range.lowerBound, box.range.upperBound)
            while low < high {
                if ((sorted[low] - box.mean) * box.axis).sum() <= 0 {
                    low += 1
                } else {
                    high -= 1
                    sorted.swapAt(low, high)
                    order.swapAt(low, high)
                }
            }
            guard low > box.range.lowerBound, low < box.range.upperBound else {
                boxes[largest].error = 0
                continue
            }
            boxes[largest] = Box(sorted, box.range.lowerBound..<low)
            boxes.append(Box(sorted, low..<box.range.upperBound))
        }
        var places = [UInt8](repeating: 0, count: colours.count)
        for (index, box) in boxes.enumerated() {
            for position in box.range { places[Int(order[position])] = UInt8(index) }
        }
        return (boxes.map(\.mean), places)
    }
}

/// Colours that become one colour of the palette.
private struct Box {
    let range: Range<Int>
    let mean: SIMD4<Float>
    /// Where the colours vary most.
    let axis: SIMD4<Float>
    /// The sum of the squared distances from the mean.
    var error: Double

    init(_ colours: [SIMD4<Float>], _ range: Range<Int>) {
        self.range = range
        var sum = SIMD4<Double>()
        for index in range {
            let colour = SIMD4<Double>(colours[index])
            var weighted = colour * colour.w
            weighted.w = colour.w
            sum += weighted
        }
        let mean = sum / sum.w
        // The covariances of red, green and blue, and of each with the next one.
        var own = SIMD4<Double>()
        var mixed = SIMD4<Double>()
        for index in range {
            let colour = SIMD4<Double>(colours[index])
            var distance = colour - mean
            distance.w = 0
            let weighted = distance * colour.w
            own += weighted * distance
            mixed += weighted * SIMD4(distance.y, distance.z, distance.x, 0)
        }
        error = range.count > 1 ? own.sum() : 0
        // The direction of the largest variance, by power iteration.
        var axis = own
        for _ in 0..<8 {
            axis = SIMD4(
                own.x * axis.x + mixed.x * axis.y + mixed.z * axis.z,
                mixed.x * axis.x + own.y * axis.y + mixed.y * axis.z,
                mixed.z * axis.x + mixed.y * axis.y + own.z * axis.z, 0)
            let length = (axis * axis).sum().squareRoot()
            guard length > 0 else { break }
            axis /= length
        }
        self.axis = SIMD4<Float>(axis)
        self.mean = SIMD4<Float>(SIMD4(mean.x, mean.y, mean.z, 0))
    }
}
