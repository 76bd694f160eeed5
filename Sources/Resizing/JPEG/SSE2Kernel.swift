#if arch(x86_64)
    import CSSE2

    /// In SSE2's instructions, which every x86-64 processor has.
    enum SSE2Kernel: ResampleKernel {
        static func combine(
            rows: UnsafeBufferPointer<UnsafePointer<UInt8>>, weights: UnsafePointer<Int16>,
            into out: UnsafeMutablePointer<Int16>, count: Int
        ) {
            let zero = _mm_setzero_si128()
            let half = _mm_set1_epi32(1 << (ResampleBits.rows - 1))
            for x in stride(from: 0, to: count, by: 16) {
                var (s0, s1, s2, s3) = (half, half, half, half)
                for index in stride(from: 0, to: rows.count, by: 2) {
                    // Two rows at once: `_mm_madd_epi16` adds two products.
                    let pair = _mm_set1_epi32(
                        UnsafeRawPointer(weights + index).loadUnaligned(as: Int32.self))
                    let upper = load(rows[index] + x)
                    let lower = load(rows[index + 1] + x)
                    let left = _mm_unpacklo_epi8(upper, lower)
                    let right = _mm_unpackhi_epi8(upper, lower)
                    s0 = _mm_add_epi32(s0, _mm_madd_epi16(_mm_unpacklo_epi8(left, zero), pair))
                    s1 = _mm_add_epi32(s1, _mm_madd_epi16(_mm_unpackhi_epi8(left, zero), pair))
                    s2 = _mm_add_epi32(s2, _mm_madd_epi16(_mm_unpacklo_epi8(right, zero), pair))
                    s3 = _mm_add_epi32(s3, _mm_madd_epi16(_mm_unpackhi_epi8(right, zero), pair))
                }
                let sums = UnsafeMutableRawPointer(out + x)
                sums.storeBytes(of: packed(s0, s1), as: __m128i.self)
                sums.storeBytes(of: packed(s2, s3), toByteOffset: 16, as: __m128i.self)
            }
        }

        static func combine(
            samplesOf row: UnsafePointer<Int16>, _ axis: ResampleAxis,
            into out: UnsafeMutablePointer<UInt8>
        ) {
            // The most frequent number of taps as a constant: the loop over them is unrolled.
            if axis.taps == 8 {
                combine(samplesOf: row, axis, taps: 8, into: out)
            } else {
                combine(samplesOf: row, axis, taps: axis.taps, into: out)
            }
        }

        @inline(__always)
        private static func combine(
            samplesOf row: UnsafePointer<Int16>, _ axis: ResampleAxis, taps: Int,
            into out: UnsafeMutablePointer<UInt8>
        ) {
            let half = _mm_set1_epi32(1 << (ResampleBits.samples - 1))
            axis.starts.withUnsafeBufferPointer { starts in
                axis.weights.withUnsafeBufferPointer { weights in
                    let starts = starts.baseAddress.unsafelyUnwrapped
                    let weights = weights.baseAddress.unsafelyUnwrapped
                    for index in stride(from: 0, to: axis.count, by: 4) {
                        let factors = weights + index * taps
                        let a = products(row + Int(starts[index]), factors, taps)
                        let b = products(row + Int(starts[index + 1]), factors + taps, taps)
                        let c = products(row + Int(starts[index + 2]), factors + 2 * taps, taps)
                        let d = products(row + Int(starts[index + 3]), factors + 3 * taps, taps)
                        let ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b))
                        let cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d))
                        var sums = _mm_add_epi32(
                            _mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd))
                        sums = _mm_srai_epi32(_mm_add_epi32(sums, half), ResampleBits.samples)
                        let words = _mm_packs_epi32(sums, sums)
                        UnsafeMutableRawPointer(out + index).storeBytes(
                            of: _mm_cvtsi128_si32(_mm_packus_epi16(words, words)), as: Int32.self)
                    }
                }
            }
        }

        /// Four sums, whose sum is that of all products.
        @inline(__always)
        private static func products(
            _ samples: UnsafePointer<Int16>, _ weights: UnsafePointer<Int16>, _ taps: Int
        ) -> __m128i {
            var sums = _mm_madd_epi16(load(samples), load(weights))
            for tap in stride(from: 8, to: taps, by: 8) {
                sums = _mm_add_epi32(
                    sums, _mm_madd_epi16(load(samples + tap), load(weights + tap)))
            }
            return sums
        }

        @inline(__always)
        private static func packed(_ low: __m128i, _ high: __m128i) -> __m128i {
            _mm_packs_epi32(
                _mm_srai_epi32(low, ResampleBits.rows), _mm_srai_epi32(high, ResampleBits.rows))
        }

        @inline(__always)
        private static func load<Sample>(_ pointer: UnsafePointer<Sample>) -> __m128i {
            UnsafeRawPointer(pointer).loadUnaligned(as: __m128i.self)
        }
    }

    typealias FastestKernel = SSE2Kernel
#else
    typealias FastestKernel = PortableKernel
#endif
