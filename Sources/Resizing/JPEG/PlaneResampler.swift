import Model

/// Resizes one plane, row by row. Its rows come from another plane, or from a decoder that keeps only the last
/// ones.
final class PlaneResampler {
    let result: Plane
    private let columns: ResampleAxis
    private let rows: ResampleAxis
    private let isUpsideDown: Bool
    /// The old columns that have an influence.
    private let used: Range<Int>
    private let sources: UnsafeMutableBufferPointer<UnsafePointer<UInt8>>
    /// The sources combined.
    private let combined: UnsafeMutableBufferPointer<Int16>
    /// The number of new rows so far.
    private var made = 0

    struct Mapping {
        var columns = ResampleAxis.Mapping()
        var rows = ResampleAxis.Mapping()
    }

    init(to size: PixelSize, from old: PixelSize, _ mapping: Mapping) throws(CodecError) {
        result = try Plane(size)
        let all = ResampleAxis(count: size.width, of: old.width, mapping.columns, multiple: 8)
        used = all.range(of: old.width)
        columns = all.dropping(first: used.lowerBound)
        // Rows are always computed from top to bottom of the old plane, as decoders deliver them.
        var downwards = mapping.rows
        downwards.isMirrored = false
        isUpsideDown = mapping.rows.isMirrored
        rows = ResampleAxis(count: size.height, of: old.height, downwards, multiple: 2)
        sources = .allocate(capacity: rows.taps)
        combined = .allocate(capacity: used.count + columns.taps + Plane.slack)
        combined.initialize(repeating: 0)
    }

    deinit {
        sources.deallocate()
        combined.deallocate()
    }

    /// How many old rows a new one is computed from at most.
    var rowsNeeded: Int { rows.taps }

    /// Makes all new rows that can be made from the first `count` old rows.
    ///
    /// - Parameters:
    ///   - isAll: whether the old plane has no more rows.
    ///   - row: gives the address of an old row, which has at least 15 samples more than needed.
    func makeRows(
        from count: Int, isAll: Bool, _ row: (_ y: Int) -> UnsafePointer<UInt8>
    ) {
        while made < rows.count {
            let first = Int(rows.starts[made])
            guard isAll || first + rows.taps <= count else { return }
            for tap in 0..<rows.taps {
                // There may be more taps than rows. Their weight is 0.
                sources.initializeElement(
                    at: tap, to: row(min(first + tap, count - 1)) + used.lowerBound)
            }
            makeRow()
        }
    }

    private func makeRow() {
        rows.weights.withUnsafeBufferPointer { weights in
            FastestKernel.combine(
                rows: UnsafeBufferPointer(sources),
                weights: weights.baseAddress.unsafelyUnwrapped + made * rows.taps,
                into: combined.baseAddress.unsafelyUnwrapped, count: used.count)
        }
        let y = isUpsideDown ? rows.count - 1 - made : made
        FastestKernel.combine(
            samplesOf: combined.baseAddress.unsafelyUnwrapped, columns, into: result.row(y))
        result.repeatLastSample(ofRow: y)
        made += 1
    }
}

extension Plane {
    func resampled(
        to size: PixelSize, _ mapping: PlaneResampler.Mapping
    ) throws(CodecError) -> Plane {
        let resampler = try PlaneResampler(to: size, from: self.size, mapping)
        resampler.makeRows(from: self.size.height, isAll: true) { UnsafePointer(row($0)) }
        return resampler.result
    }
}
