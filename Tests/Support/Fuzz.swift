import Foundation

/// The seeds of tests with random input. `make test` tries the same few in every run. `make soak` sets
/// MULTIRES_FUZZ_FACTOR and tries that many times as many, with other seeds in every run.
public enum Fuzz {
    private static let environment = ProcessInfo.processInfo.environment
    private static let factor = environment["MULTIRES_FUZZ_FACTOR"].flatMap { Int($0) }
    private static let begin = environment["MULTIRES_FUZZ_SEED"].flatMap { UInt64($0) }

    /// Whether this is `make soak`.
    public static var isLong: Bool { factor != nil }

    /// One seed for each round. A test that fails names the round's seed: MULTIRES_FUZZ_SEED=n runs only that
    /// round. With a factor too, it runs the rounds from n on, as needed after a crash, when only the first
    /// seed is known.
    ///
    /// - Parameter first: the first seed that `make test` tries.
    public static func seeds(_ count: Int, from first: UInt64 = 1) -> [UInt64] {
        guard let factor else {
            return begin.map { [$0] } ?? (0..<UInt64(count)).map { first + $0 }
        }
        let begin = begin ?? UInt64.random(in: 0..<1 << 32)
        print("\(count * factor) rounds with the seeds from \(begin) on")
        return (0..<UInt64(count * factor)).map { begin + $0 }
    }
}
