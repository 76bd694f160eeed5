import Model
import Support
import Testing

@testable import Resizing

/// All implementations give the same bits, so that a variant does not depend on the processor.
@Suite struct ResampleKernelTests {
    @Test("The kernel of this processor gives the same bits as the portable one")
    func same() {
        for seed in Fuzz.seeds(300) {
            var numbers = SeededNumbers(seed)
            let width = Int.random(in: 1...200, using: &numbers)
            let samples = Samples(width: width, rows: 16, &numbers)
            let axes = (
                ResampleAxis(
                    count: Int.random(in: 1...200, using: &numbers), of: width,
                    .init(
                        offset: Double.random(in: -1...1, using: &numbers),
                        scale: Double.random(in: 0.4...20, using: &numbers),
                        isMirrored: Bool.random(using: &numbers)), multiple: 8),
                ResampleAxis(
                    count: 4, of: 16,
                    .init(scale: Double.random(in: 0.4...4, using: &numbers)), multiple: 2)
            )
            let fastest = samples.resampled(by: FastestKernel.self, axes.0, axes.1)
            let portable = samples.resampled(by: PortableKernel.self, axes.0, axes.1)
            #expect(fastest == portable, "seed \(seed)")
        }
    }

    @Test("The kernels agree on sums that do not fit, with weights that no axis has")
    func extremes() {
        for seed in Fuzz.seeds(300) {
            var numbers = SeededNumbers(seed)
            let extremes: [Int16] = [-32767, -1, 0, 1, 32767]
            let row = (0..<80).map { _ in extremes.randomElement(using: &numbers) ?? 0 }
            let weights = (0..<4).map { _ in extremes.randomElement(using: &numbers) ?? 0 }
            let rows = Samples(width: 32, rows: 4, &numbers)
            #expect(
                rows.combined(by: FastestKernel.self, weights)
                    == rows.combined(by: PortableKernel.self, weights), "seed \(seed)")
            let axis = ResampleAxis(
                count: 30, of: 64, .init(scale: Double.random(in: 0.5...2, using: &numbers)),
                multiple: 8)
            #expect(
                Samples.combined(row, axis, by: FastestKernel.self)
                    == Samples.combined(row, axis, by: PortableKernel.self), "seed \(seed)")
        }
    }

    @Test("A plain area keeps its value at every size")
    func plain() throws {
        for value in [0, 1, 127, 128, 254, 255] as [UInt8] {
            let plane = try Plane(PixelSize(width: 61, height: 47))
            for y in 0..<47 { plane.row(y).update(repeating: value, count: plane.stride) }
            for size in [(61, 47), (60, 46), (17, 90), (1, 1), (100, 3)] {
                let small = try plane.resampled(
                    to: PixelSize(width: size.0, height: size.1),
                    .init(
                        columns: .init(scale: 61 / Double(size.0)),
                        rows: .init(scale: 47 / Double(size.1))))
                let isSame = (0..<size.1).allSatisfy { y in
                    (0..<size.0).allSatisfy { small.row(y)[$0] == value }
                }
                #expect(isSame, "\(value) \(size)")
            }
        }
    }
}

/// Rows of random samples, half of them extreme.
private struct Samples {
    let rows: [[UInt8]]
    let width: Int

    init(width: Int, rows: Int, _ numbers: inout SeededNumbers) {
        self.width = width
        self.rows = (0..<rows).map { _ in
            (0..<width + Plane.slack).map { _ in
                Bool.random(using: &numbers)
                    ? [0, 255].randomElement(using: &numbers) ?? 0
                    : UInt8.random(in: 0...255, using: &numbers)
            }
        }
    }

    func resampled(
        by kernel: any ResampleKernel.Type, _ columns: ResampleAxis, _ rows: ResampleAxis
    ) -> [UInt8] {
        (0..<rows.count).flatMap { index in
            let start = Int(rows.starts[index])
            let weights = Array(rows.weights[index * rows.taps..<(index + 1) * rows.taps])
            let combined = Samples(self.rows[start..<start + rows.taps], width: width)
                .combined(by: kernel, weights)
            return Self.combined(combined, columns, by: kernel)
        }
    }

    private init(_ rows: ArraySlice<[UInt8]>, width: Int) {
        (self.rows, self.width) = (Array(rows), width)
    }

    func combined(by kernel: any ResampleKernel.Type, _ weights: [Int16]) -> [Int16] {
        let joined = rows.flatMap { $0 }
        let stride = width + Plane.slack
        return joined.withUnsafeBufferPointer { joined in
            let addresses = rows.indices.map { joined.baseAddress.unsafelyUnwrapped + $0 * stride }
            var out = [Int16](repeating: 0, count: width + 15)
            addresses.withUnsafeBufferPointer {
                kernel.combine(rows: $0, weights: weights, into: &out, count: width)
            }
            return Array(out.prefix(width))
        }
    }

    static func combined(
        _ row: [Int16], _ axis: ResampleAxis, by kernel: any ResampleKernel.Type
    ) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: axis.count + 3)
        let padded = row + Array(repeating: 0, count: axis.taps)
        kernel.combine(samplesOf: padded, axis, into: &out)
        return Array(out.prefix(axis.count))
    }
}
