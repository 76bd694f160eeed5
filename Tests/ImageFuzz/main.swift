import Foundation
import Model
import ResizerClient
import Resizing
import Support

// Renders image files with random changes, with random presets. `make fuzz-test` builds this with
// AddressSanitizer, which stops it at an access to memory that is not allocated. Before each round, its number
// is on standard error: MULTIRES_FUZZ_SEED=n repeats round n.

let limits = RenderLimits(
    pixels: 4_000_000, side: 4000, animatedPixels: 4_000_000, interlacedPixels: 4_000_000,
    frames: 50, scans: 50)

try render()

func render() throws {
    let folder = TemporaryFolder()
    let samples = try Samples.all(in: folder)
    let renderer = try Renderer()
    let seeds = Fuzz.seeds(1500)
    var complete: [ImageFormat: Int] = [:]
    for seed in seeds {
        FileHandle.standardError.write(Data("\(seed)\n".utf8))
        var numbers = SeededNumbers(seed)
        // `!` because neither is empty.
        let format = samples.keys.sorted { $0.rawValue < $1.rawValue }
            .randomElement(using: &numbers)!
        let file = samples[format]!.randomElement(using: &numbers)!
        let path = try Photos.write(
            Change.apply(to: file, format, &numbers), to: folder.file("original"))
        let request = RenderRequest(
            original: path, format: format, fit: Bool.random(using: &numbers) ? .cover : .inside,
            folder: try folder.folder("out"), preset: preset(&numbers), limits: limits)
        do throws(RenderError) {
            _ = try renderer.render(request)
            complete[format, default: 0] += 1
        } catch {}
    }
    print("\(complete.values.reduce(0, +)) of \(seeds.count) files were complete: \(complete)")
    // Of a few rounds, none may be.
    guard complete.count == samples.count || seeds.count < 300 else { exit(1) }
}

func preset(_ numbers: inout SeededNumbers) -> Preset {
    Preset(
        sizes: (0..<Int.random(in: 1...4, using: &numbers)).map { index in
            Preset.Size(
                name: "size\(index)",
                box: PixelSize(
                    width: Int.random(in: 1...300, using: &numbers),
                    height: Int.random(in: 1...300, using: &numbers)),
                fit: Bool.random(using: &numbers) ? nil : .cover,
                format: [nil, .png, .png, .webp].randomElement(using: &numbers) ?? nil,
                quality: [20, 80, 95].randomElement(using: &numbers))
        })
}
