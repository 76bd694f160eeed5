import Model

/// The counts of `multires presets plan`.
package struct PresetTally {
    private static let mostSamples = 8

    /// Complete images.
    package private(set) var all = 0
    /// Complete images that change.
    package private(set) var images = 0
    /// The number of files by the name of the size.
    package private(set) var made: [String: Int] = [:]
    package private(set) var removed: [String: (files: Int, bytes: Int64)] = [:]
    /// A random sample of the images that change, each with the same probability (Vitter's algorithm R).
    package private(set) var samples: [PresetChange.Difference] = []

    package init() {}

    package mutating func add(_ difference: PresetChange.Difference) {
        all += 1
        guard !difference.isEmpty else { return }
        images += 1
        for size in difference.missing { made[size.name, default: 0] += 1 }
        for variant in difference.superseded {
            let sum = removed[variant.name] ?? (0, 0)
            removed[variant.name] = (sum.files + 1, sum.bytes + variant.bytes)
        }
        if samples.count < Self.mostSamples {
            samples.append(difference)
        } else if case let place = Int.random(in: 0..<images), place < samples.count {
            samples[place] = difference
        }
    }
}
