import Foundation
import Support
import Testing

@testable import Resizing

@Suite struct PrimariesTests {
    private func rows(_ matrix: Matrix3?) throws -> [[Double]] {
        let (a, b, c) = try #require(matrix).columns
        return (0..<3).map { [a[$0], b[$0], c[$0]] }
    }

    @Test(
        "Matrices between primaries are those that standards print",
        arguments: [
            // Rec. ITU-R BT.2087, annex 1, and its inverse.
            (
                1, 9,
                [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
            ),
            (
                9, 1,
                [
                    [1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083],
                    [-0.0182, -0.1006, 1.1187],
                ]
            ),
            // Display P3 (SMPTE EG 432-1), with the white of sRGB.
            (12, 1, [[1.2249, -0.2249, 0], [-0.0421, 1.0421, 0], [-0.0196, -0.0786, 1.0983]]),
        ])
    func known(_ from: Int, _ to: Int, _ wanted: [[Double]]) throws {
        let (from, to) = (try #require(Primaries(code: from)), try #require(Primaries(code: to)))
        for (row, other) in zip(try rows(from.matrix(to: to)), wanted) {
            for (a, b) in zip(row, other) { #expect(abs(a - b) < 0.0002, "\(a), not \(b)") }
        }
    }

    @Test("White stays white between any primaries, also those with another white")
    func white() throws {
        for code in [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22] {
            let primaries = try #require(Primaries(code: code))
            let shown = try #require(primaries.matrix(to: .bt709)) * [1, 1, 1]
            for channel in 0..<3 { #expect(abs(shown[channel] - 1) < 1e-3, "\(code): \(shown)") }
            let back = try #require(Primaries.bt709.matrix(to: primaries))
            let same = back * (try #require(primaries.matrix(to: .bt709)) * [0.2, 0.5, 0.7])
            for (a, b) in zip([same.x, same.y, same.z], [0.2, 0.5, 0.7]) {
                #expect(abs(a - b) < 1e-6, "\(code)")
            }
        }
    }

    @Test("Chromaticities that span no plane have no matrix, and reserved codes no primaries")
    func invalid() {
        let point = Chromaticity(0.3, 0.3)
        #expect(Primaries(red: point, green: point, blue: point).matrix(to: .bt709) == nil)
        let flat = Primaries(
            red: Chromaticity(0.1, 0.1), green: Chromaticity(0.2, 0.2), blue: Chromaticity(0.4, 0.4)
        )
        #expect(flat.matrix(to: .bt709) == nil)
        let dark = Primaries(
            red: Primaries.bt709.red, green: Primaries.bt709.green, blue: Primaries.bt709.blue,
            white: Chromaticity(0.3, 0))
        #expect(dark.matrix(to: .bt709) == nil)
        for code in [0, 2, 3, 13, 23, 255] { #expect(Primaries(code: code) == nil) }
    }

    /// A white whose cone response has a zero gave numbers that are not numbers.
    @Test("No chromaticities give a matrix that is not finite")
    func finite() throws {
        let bt709 = try #require(Primaries(code: 1))
        func matrix(_ white: Chromaticity) -> Matrix3? {
            Primaries(red: bt709.red, green: bt709.green, blue: bt709.blue, white: white)
                .matrix(to: bt709)
        }
        for white in [(0.14969, 0.80257), (0.05334, 0.24555), (0.80855, 0.20815)] {
            #expect(matrix(Chromaticity(white.0, white.1)) == nil, "\(white)")
        }
        var numbers = SeededNumbers(22)
        for _ in 0..<20_000 {
            let white = Chromaticity(
                .random(in: 0...1, using: &numbers), .random(in: 0...1, using: &numbers))
            guard let columns = matrix(white)?.columns else { continue }
            for column in [columns.0, columns.1, columns.2] {
                for index in 0..<3 { #expect(Float(column[index]).isFinite, "\(white)") }
            }
        }
    }
}
