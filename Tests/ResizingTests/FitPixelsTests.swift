import Model
import Support
import Testing

@testable import Resizing

@Suite struct FitPixelsTests {
    struct Example: Sendable {
        let fit: Fit
        let original, box, made: PixelSize

        init(_ fit: Fit, _ original: (Int, Int), in box: (Int, Int), gives made: (Int, Int)) {
            self.fit = fit
            self.original = PixelSize(width: original.0, height: original.1)
            self.box = PixelSize(width: box.0, height: box.1)
            self.made = PixelSize(width: made.0, height: made.1)
        }
    }

    @Test(
        "Cover fills the box, or gives the largest crop of that shape from a smaller original",
        arguments: [
            Example(.cover, (4032, 3024), in: (150, 150), gives: (150, 150)),
            Example(.cover, (4032, 3024), in: (1920, 1920), gives: (1920, 1920)),
            Example(.cover, (800, 600), in: (480, 480), gives: (480, 480)),
            Example(.cover, (800, 600), in: (1024, 1024), gives: (600, 600)),
            Example(.cover, (600, 800), in: (1920, 1920), gives: (600, 600)),
            Example(.cover, (800, 600), in: (1600, 400), gives: (800, 200)),
            Example(.cover, (1000, 10), in: (150, 150), gives: (10, 10)),
            Example(.cover, (3000, 1), in: (1600, 400), gives: (4, 1)),
            Example(.cover, (1, 1), in: (1600, 400), gives: (1, 1)),
        ])
    func cover(_ example: Example) {
        #expect(example.fit.pixels(of: example.original, in: example.box) == example.made)
    }

    @Test(
        "Inside keeps the proportions and stays within the box and the original",
        arguments: [
            Example(.inside, (4032, 3024), in: (150, 150), gives: (150, 113)),
            Example(.inside, (4032, 3024), in: (1920, 1920), gives: (1920, 1440)),
            Example(.inside, (3024, 4032), in: (480, 480), gives: (360, 480)),
            Example(.inside, (800, 600), in: (1024, 1024), gives: (800, 600)),
            Example(.inside, (10_000, 1), in: (150, 150), gives: (150, 1)),
            Example(.inside, (1, 10_000), in: (150, 150), gives: (1, 150)),
        ])
    func inside(_ example: Example) {
        #expect(example.fit.pixels(of: example.original, in: example.box) == example.made)
    }

    @Test("No variant is larger than the box or the original, or empty", arguments: Fit.allCases)
    func fuzzBounds(_ fit: Fit) {
        for seed in Fuzz.seeds(5000) {
            var numbers = SeededNumbers(seed)
            func size(upTo side: Int) -> PixelSize {
                PixelSize(
                    width: .random(in: 1...side, using: &numbers),
                    height: .random(in: 1...side, using: &numbers))
            }
            let (original, box) = (size(upTo: 20_000), size(upTo: 2000))
            let made = fit.pixels(of: original, in: box)
            let isWithin =
                1...min(box.width, original.width) ~= made.width
                && 1...min(box.height, original.height) ~= made.height
            #expect(isWithin, "seed \(seed): \(made) of \(original) in \(box)")
        }
    }
}
