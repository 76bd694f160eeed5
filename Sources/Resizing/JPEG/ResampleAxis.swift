/// Which old samples each new sample of a row (or a column) is computed from, with which weights.
///
/// The kernel is Catmull-Rom's cubic (a = -1/2), as wide as the new samples are apart when an image is made
/// smaller. Beyond the first and the last old sample, these are repeated.
struct ResampleAxis {
    /// New samples.
    let count: Int
    /// Weights per new sample. Those that are not needed are 0.
    let taps: Int
    /// The index of the first old sample of each new sample. There are a few more elements than `count`, which
    /// are 0.
    private(set) var starts: [Int32]
    /// `taps` for each element of `starts`, in units of 1 / `one`. The weights of a sample have the sum `one`.
    let weights: [Int16]

    static let one = 1 << 14

    /// How old and new samples correspond.
    struct Mapping {
        /// The position, in old samples, of the first edge of the new samples, as they are before mirroring.
        var offset = 0.0
        /// How many old samples a new sample covers.
        var scale = 1.0
        /// Whether the new samples are in the opposite order.
        var isMirrored = false
    }

    /// - Parameters:
    ///   - old: the number of old samples, at least 1.
    ///   - multiple: the number of weights is a multiple of it.
    init(count: Int, of old: Int, _ mapping: Mapping, multiple: Int) {
        let stretch = max(1, mapping.scale)
        let radius = 2 * stretch
        let most = min(old, Int((2 * radius - Self.epsilon).rounded(.up)))
        let taps = (most + multiple - 1) / multiple * multiple
        var starts = [Int32](repeating: 0, count: count + Self.spare)
        var weights = [Int16](repeating: 0, count: starts.count * taps)
        var exact = [Double](repeating: 0, count: most)
        for index in 0..<count {
            let position = Double(mapping.isMirrored ? count - 1 - index : index) + 0.5
            let centre = mapping.offset + position * mapping.scale - 0.5
            let first = Int((centre - radius + Self.epsilon).rounded(.down)) + 1
            let last = max(first, Int((centre + radius - Self.epsilon).rounded(.up)) - 1)
            let used = min(max(first, 0), old - 1)...min(max(last, 0), old - 1)
            for position in used { exact[position - used.lowerBound] = 0 }
            for position in first...last {
                let nearest = min(max(position, used.lowerBound), used.upperBound)
                exact[nearest - used.lowerBound] += Self.cubic(
                    (Double(position) - centre) / stretch)
            }
            let start = max(0, min(used.lowerBound, old - taps))
            starts[index] = Int32(start)
            let place = index * taps + used.lowerBound - start
            for (tap, weight) in Self.rounded(exact[..<used.count]).enumerated() {
                weights[place + tap] = weight
            }
        }
        (self.count, self.taps, self.starts, self.weights) = (count, taps, starts, weights)
    }

    /// The old samples that have an influence.
    func range(of old: Int) -> Range<Int> {
        let used = starts[..<count]
        let first = Int(used.min() ?? 0)
        return first..<min(old, Int(used.max() ?? 0) + taps)
    }

    /// The same for old samples of which the first `count` are missing.
    func dropping(first count: Int) -> ResampleAxis {
        var axis = self
        for index in 0..<self.count { axis.starts[index] -= Int32(count) }
        return axis
    }

    /// Kernels compute up to this many more new samples than needed.
    private static let spare = 8
    /// Far less than any distance that matters, and more than the error of a computed position.
    private static let epsilon = 1e-9

    /// The weights, whose sum is exactly `one` after rounding, so that a plain area keeps its value.
    private static func rounded(_ exact: ArraySlice<Double>) -> [Int16] {
        let sum = exact.reduce(0, +)
        var weights = exact.map { Int(($0 / sum * Double(one)).rounded(.toNearestOrEven)) }
        let largest = weights.indices.max { weights[$0] < weights[$1] } ?? 0
        weights[largest] += one - weights.reduce(0, +)
        return weights.map { Int16($0) }
    }

    private static func cubic(_ distance: Double) -> Double {
        let x = abs(distance)
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
        return 0
    }
}
