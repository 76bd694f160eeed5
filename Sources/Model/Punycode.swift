/// Punycode (RFC 3492) of one label, without its prefix `xn--`.
enum Punycode {
    // Section 5: the parameter values.
    private static let base = 36
    private static let leastThreshold = 1
    private static let mostThreshold = 26
    private static let skew = 38
    private static let damp = 700
    private static let firstBias = 72
    private static let firstCode = 128

    /// Section 6.3. Nil when a number overflows 31 bits, which only a label does that is too long for DNS.
    static func encode(_ label: String) -> String? {
        let scalars = label.unicodeScalars.map { Int($0.value) }
        let basic = scalars.filter { $0 < firstCode }
        var output = basic.map { UInt8($0) }
        if !basic.isEmpty { output.append(UInt8(ascii: "-")) }
        var (code, delta, bias, handled) = (firstCode, 0, firstBias, basic.count)
        while handled < scalars.count {
            guard let next = scalars.filter({ $0 >= code }).min() else { return nil }
            let (product, overflows) = (next - code).multipliedReportingOverflow(by: handled + 1)
            guard !overflows, delta < Int(Int32.max) - min(product, Int(Int32.max)) else {
                return nil
            }
            delta += product
            code = next
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                append(delta, bias: bias, to: &output)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Section 6.2. Nil for text that is not Punycode.
    static func decode(_ text: some StringProtocol) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        let delimiter = bytes.lastIndex(of: UInt8(ascii: "-"))
        var scalars = bytes[..<(delimiter ?? 0)].map { Int($0) }
        var rest = bytes[(delimiter.map { $0 + 1 } ?? 0)...]
        var (code, position, bias) = (firstCode, 0, firstBias)
        while !rest.isEmpty {
            let before = position
            var (weight, k) = (1, base)
            while true {
                guard let digit = rest.popFirst().flatMap(value) else { return nil }
                position += digit * weight
                guard position <= Int(Int32.max) else { return nil }
                let threshold = threshold(k, bias)
                if digit < threshold { break }
                weight *= base - threshold
                guard weight <= Int(Int32.max) else { return nil }
                k += base
            }
            let count = scalars.count + 1
            bias = adapted(position - before, count: count, isFirst: before == 0)
            code += position / count
            position %= count
            scalars.insert(code, at: position)
            position += 1
        }
        var label = String.UnicodeScalarView()
        for value in scalars {
            guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else {
                return nil
            }
            label.append(scalar)
        }
        return String(label)
    }

    /// Section 6.3, the inner loop: `number` as a variable-length integer (section 3.3), which ends with the
    /// first digit below its threshold.
    private static func append(_ number: Int, bias: Int, to output: inout [UInt8]) {
        var (rest, k) = (number, base)
        while true {
            let threshold = threshold(k, bias)
            if rest < threshold { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            k += base
        }
        output.append(digit(rest))
    }

    private static func threshold(_ k: Int, _ bias: Int) -> Int {
        min(max(k - bias, leastThreshold), mostThreshold)
    }

    /// Section 6.1.
    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var k = 0
        while delta > (base - leastThreshold) * mostThreshold / 2 {
            delta /= base - leastThreshold
            k += base
        }
        return k + (base - leastThreshold + 1) * delta / (delta + skew)
    }

    private static func digit(_ value: Int) -> UInt8 {
        UInt8(value < 26 ? value + 0x61 : value - 26 + 0x30)
    }

    private static func value(_ digit: UInt8) -> Int? {
        switch digit {
        case 0x61...0x7A: Int(digit) - 0x61
        case 0x41...0x5A: Int(digit) - 0x41
        case 0x30...0x39: Int(digit) - 0x30 + 26
        default: nil
        }
    }
}
