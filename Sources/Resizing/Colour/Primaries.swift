/// CIE 1931 x and y.
struct Chromaticity: Equatable {
    let x: Double
    let y: Double

    init(_ x: Double, _ y: Double) {
        (self.x, self.y) = (x, y)
    }

    static let d65 = Chromaticity(0.3127, 0.3290)

    /// X, Y and Z with a luminance of 1.
    fileprivate var xyz: SIMD3<Double> { [x / y, 1, (1 - x - y) / y] }
}

/// The colours of full red, green and blue, and of white.
struct Primaries: Equatable {
    let red: Chromaticity
    let green: Chromaticity
    let blue: Chromaticity
    var white = Chromaticity.d65

    static let bt709 = Primaries(
        red: Chromaticity(0.640, 0.330), green: Chromaticity(0.300, 0.600),
        blue: Chromaticity(0.150, 0.060))
    static let bt2020 = Primaries(
        red: Chromaticity(0.708, 0.292), green: Chromaticity(0.170, 0.797),
        blue: Chromaticity(0.131, 0.046))

    /// ITU-T H.273, table 2. Nil for a value that is reserved or means "unspecified".
    init?(code: Int) {
        let illuminantC = Chromaticity(0.310, 0.316)
        let third = 1.0 / 3
        switch code {
        case 1: self = .bt709
        case 4:
            self = Self(
                (0.67, 0.33), (0.21, 0.71), (0.14, 0.08), white: illuminantC)
        case 5: self = Self((0.64, 0.33), (0.29, 0.60), (0.15, 0.06))
        case 6, 7: self = Self((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
        case 8:
            self = Self(
                (0.681, 0.319), (0.243, 0.692), (0.145, 0.049), white: illuminantC)
        case 9: self = .bt2020
        case 10:
            self = Self((1, 0), (0, 1), (0, 0), white: Chromaticity(third, third))
        case 11:
            self = Self(
                (0.680, 0.320), (0.265, 0.690), (0.150, 0.060), white: Chromaticity(0.314, 0.351))
        case 12: self = Self((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
        case 22: self = Self((0.630, 0.340), (0.295, 0.605), (0.155, 0.077))
        default: return nil
        }
    }

    init(red: Chromaticity, green: Chromaticity, blue: Chromaticity, white: Chromaticity = .d65) {
        (self.red, self.green, self.blue, self.white) = (red, green, blue, white)
    }

    private init(
        _ red: (Double, Double), _ green: (Double, Double), _ blue: (Double, Double),
        white: Chromaticity = .d65
    ) {
        self.init(
            red: Chromaticity(red.0, red.1), green: Chromaticity(green.0, green.1),
            blue: Chromaticity(blue.0, blue.1), white: white)
    }

    /// Converts linear light from these primaries to others; white stays white. Nil for chromaticities that
    /// do not span a plane, or that no real light has.
    func matrix(to other: Primaries) -> Matrix3? {
        guard let here = toXYZ, let back = other.toXYZ?.inverse else { return nil }
        let matrix = back * Self.adaptation(from: white, to: other.white) * here
        return matrix.isModerate ? matrix : nil
    }

    /// SMPTE RP 177, section 3.3.
    private var toXYZ: Matrix3? {
        guard white.y > 0 else { return nil }
        let columns = [red, green, blue].map { SIMD3($0.x, $0.y, 1 - $0.x - $0.y) }
        let unscaled = Matrix3(columns: columns[0], columns[1], columns[2])
        guard let inverse = unscaled.inverse else { return nil }
        let scale = inverse * white.xyz
        return Matrix3(
            columns: columns[0] * scale.x, columns[1] * scale.y, columns[2] * scale.z)
    }

    /// Bradford's chromatic adaptation (ICC.1:2022, annex E).
    private static func adaptation(from old: Chromaticity, to new: Chromaticity) -> Matrix3 {
        guard old != new else { return .identity }
        let bradford = Matrix3(
            columns: [0.8951, -0.7502, 0.0389], [0.2664, 1.7135, -0.0685],
            [-0.1614, 0.0367, 1.0296])
        guard let inverse = bradford.inverse else { return .identity }
        let scale = (bradford * new.xyz) / (bradford * old.xyz)
        let diagonal = Matrix3(columns: [scale.x, 0, 0], [0, scale.y, 0], [0, 0, scale.z])
        return inverse * diagonal * bradford
    }
}

struct Matrix3: Equatable {
    private(set) var columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

    init(columns first: SIMD3<Double>, _ second: SIMD3<Double>, _ third: SIMD3<Double>) {
        columns = (first, second, third)
    }

    static let identity = Matrix3(columns: [1, 0, 0], [0, 1, 0], [0, 0, 1])

    static func == (left: Matrix3, right: Matrix3) -> Bool { left.columns == right.columns }

    static func * (matrix: Matrix3, vector: SIMD3<Double>) -> SIMD3<Double> {
        matrix.columns.0 * vector.x + matrix.columns.1 * vector.y + matrix.columns.2 * vector.z
    }

    static func * (left: Matrix3, right: Matrix3) -> Matrix3 {
        Matrix3(
            columns: left * right.columns.0, left * right.columns.1, left * right.columns.2)
    }

    /// Nil for a matrix that has none.
    var inverse: Matrix3? {
        let (a, b, c) = columns
        let determinant = Self.dot(a, Self.cross(b, c))
        guard abs(determinant) > 1e-9 else { return nil }
        let rows = [Self.cross(b, c), Self.cross(c, a), Self.cross(a, b)].map { $0 / determinant }
        return Matrix3(
            columns: [rows[0].x, rows[1].x, rows[2].x], [rows[0].y, rows[1].y, rows[2].y],
            [rows[0].z, rows[1].z, rows[2].z])
    }

    /// Whether no number is infinite, undefined, or beyond what real primaries need.
    fileprivate var isModerate: Bool {
        [columns.0, columns.1, columns.2].allSatisfy { column in
            (0..<3).allSatisfy { abs(column[$0]) < 1000 }
        }
    }

    private static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

    private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
    }
}
