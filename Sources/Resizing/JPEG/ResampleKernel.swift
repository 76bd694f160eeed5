/// The two inner loops of resizing a plane, on sums of integers, so that every implementation gives the same
/// bits. First rows are combined into one row of 16-bit samples with 6 fraction bits, then samples of that
/// row are combined.
protocol ResampleKernel {
    /// Combines rows: `out[x]` is the sum of `rows[i][x]` times `weights[i]`, for 0 <= x < `count`.
    ///
    /// The number of rows is even. Reads and writes up to 15 samples more than `count`.
    static func combine(
        rows: UnsafeBufferPointer<UnsafePointer<UInt8>>, weights: UnsafePointer<Int16>,
        into out: UnsafeMutablePointer<Int16>, count: Int)

    /// Combines samples of a row: each of `out` is the sum of `taps` of `row` times the axis' weights.
    ///
    /// `axis.taps` is a multiple of 8. Writes up to 3 samples more than `axis.count`.
    static func combine(
        samplesOf row: UnsafePointer<Int16>, _ axis: ResampleAxis,
        into out: UnsafeMutablePointer<UInt8>)
}

/// Weights have 14 fraction bits, combined rows have 6.
enum ResampleBits {
    /// Sums of rows have 14 fraction bits, of which 6 stay.
    static let rows: Int32 = 8
    /// Sums of samples have 14 + 6 fraction bits, of which none stays.
    static let samples: Int32 = 20
}

/// In Swift's SIMD types, for every processor.
enum PortableKernel: ResampleKernel {
    static func combine(
        rows: UnsafeBufferPointer<UnsafePointer<UInt8>>, weights: UnsafePointer<Int16>,
        into out: UnsafeMutablePointer<Int16>, count: Int
    ) {
        typealias Sums = SIMD16<Int32>
        let half = Sums(repeating: 1 << (ResampleBits.rows - 1))
        for x in stride(from: 0, to: count, by: 16) {
            var sums = half
            for index in 0..<rows.count {
                let samples = UnsafeRawPointer(rows[index] + x)
                    .loadUnaligned(as: SIMD16<UInt8>.self)
                sums &+= Sums(truncatingIfNeeded: samples) &* Int32(weights[index])
            }
            sums = (sums &>> ResampleBits.rows)
                .clamped(lowerBound: Sums(repeating: -32768), upperBound: Sums(repeating: 32767))
            UnsafeMutableRawPointer(out + x)
                .storeBytes(of: SIMD16<Int16>(truncatingIfNeeded: sums), as: SIMD16<Int16>.self)
        }
    }

    static func combine(
        samplesOf row: UnsafePointer<Int16>, _ axis: ResampleAxis,
        into out: UnsafeMutablePointer<UInt8>
    ) {
        typealias Sums = SIMD8<Int32>
        let taps = axis.taps
        axis.weights.withUnsafeBufferPointer { weights in
            for index in 0..<axis.count {
                let samples = UnsafeRawPointer(row + Int(axis.starts[index]))
                let factors = UnsafeRawPointer(weights.baseAddress.unsafelyUnwrapped + index * taps)
                var sums = Sums.zero
                for tap in stride(from: 0, to: taps * 2, by: 16) {
                    let sample = (samples + tap).loadUnaligned(as: SIMD8<Int16>.self)
                    let factor = (factors + tap).loadUnaligned(as: SIMD8<Int16>.self)
                    sums &+=
                        Sums(truncatingIfNeeded: sample) &* Sums(truncatingIfNeeded: factor)
                }
                let sum = sums.wrappedSum() &+ 1 << (ResampleBits.samples - 1)
                out[index] = UInt8(clamping: sum >> ResampleBits.samples)
            }
        }
    }
}
