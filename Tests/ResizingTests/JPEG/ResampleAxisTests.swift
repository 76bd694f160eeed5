import Support
import Testing

@testable import Resizing

@Suite struct ResampleAxisTests {
    @Test("The weights of each new sample have the sum 1, and only old samples have a weight")
    func weights() {
        for seed in Fuzz.seeds(400) {
            var numbers = SeededNumbers(seed)
            let old = Int.random(in: 1...300, using: &numbers)
            let count = Int.random(in: 1...300, using: &numbers)
            let mapping = ResampleAxis.Mapping(
                offset: Double.random(in: -3...Double(old), using: &numbers),
                scale: Double.random(in: 0.4...40, using: &numbers),
                isMirrored: Bool.random(using: &numbers))
            let axis = ResampleAxis(count: count, of: old, mapping, multiple: 8)
            #expect(axis.taps % 8 == 0)
            for index in 0..<count {
                let start = Int(axis.starts[index])
                let weights = axis.weights[index * axis.taps..<(index + 1) * axis.taps]
                #expect(weights.reduce(0) { $0 + Int($1) } == ResampleAxis.one, "seed \(seed)")
                #expect(start >= 0)
                let behind = weights.dropFirst(max(0, old - start))
                #expect(behind.allSatisfy { $0 == 0 }, "seed \(seed)")
            }
        }
    }

    @Test("At the same size each new sample is the old one")
    func identity() {
        let axis = ResampleAxis(count: 5, of: 5, .init(), multiple: 8)
        #expect(indices(axis) == [0, 1, 2, 3, 4])
        let mirrored = ResampleAxis(count: 5, of: 5, .init(isMirrored: true), multiple: 8)
        #expect(indices(mirrored) == [4, 3, 2, 1, 0])
        let cropped = ResampleAxis(count: 3, of: 5, .init(offset: 2), multiple: 2)
        #expect(indices(cropped) == [2, 3, 4])
    }

    /// The only old sample that each new one is computed from.
    private func indices(_ axis: ResampleAxis) -> [Int?] {
        (0..<axis.count).map { index in
            (0..<axis.taps).first { axis.weights[index * axis.taps + $0] == ResampleAxis.one }
                .map { Int(axis.starts[index]) + $0 }
        }
    }

    @Test("A ramp stays a ramp: each new sample shows the place that it covers")
    func ramp() {
        for scale in [0.5, 1, 1.3, 2, 3.7, 12] {
            let (old, count) = (240, Int(240 / scale) / 2)
            let offset = 50.0
            let axis = ResampleAxis(
                count: count, of: old, .init(offset: offset, scale: scale), multiple: 8)
            for index in 0..<count
            where offset + (Double(index) + 3) * scale < Double(old) - 3 * scale {
                let sum = (0..<axis.taps).reduce(0.0) { sum, tap in
                    let position = Double(Int(axis.starts[index]) + tap)
                    return sum + position * Double(axis.weights[index * axis.taps + tap])
                }
                let centre = offset + (Double(index) + 0.5) * scale - 0.5
                #expect(
                    abs(sum / Double(ResampleAxis.one) - centre) < 0.02 * max(1, scale), "\(scale)")
            }
        }
    }
}
