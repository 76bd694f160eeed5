import Foundation
import Model
import ResizerClient
import Resizing
import Support

// Renders JPEG files with random changes, with random presets. `make fuzz-test` builds this with
// AddressSanitizer, which stops it at an access to memory that is not allocated. Before each round, its number
// is on standard error: MULTIRES_FUZZ_SEED=n repeats round n.

let options = [
    "-sample 2x2", "-sample 1x1 -restart 1", "-sample 4x1", "-progressive", "-grayscale",
]
let limits = RenderLimits(
    pixels: 4_000_000, side: 4000, animatedPixels: 1, interlacedPixels: 4_000_000, frames: 1,
    scans: 50)

try render()

func render() throws {
    let folder = TemporaryFolder()
    let files = try options.enumerated().map { index, options in
        try Photos.bytes(
            of: JPEGMaker.file(101 + index, 75, options, orientation: index + 4, in: folder))
    }
    let renderer = try Renderer()
    let seeds = Fuzz.seeds(1000)
    var complete = 0
    for seed in seeds {
        FileHandle.standardError.write(Data("\(seed)\n".utf8))
        var numbers = SeededNumbers(seed)
        let file = files.randomElement(using: &numbers) ?? []
        let path = try Photos.write(changed(file, &numbers), to: folder.file("original.jpg"))
        let request = RenderRequest(
            original: path, format: .jpeg, fit: Bool.random(using: &numbers) ? .cover : .inside,
            folder: try folder.folder("out"), preset: preset(&numbers), limits: limits)
        do throws(RenderError) {
            _ = try renderer.render(request)
            complete += 1
        } catch {}
    }
    print("\(complete) of \(seeds.count) files were complete")
    // Of a few rounds, none may be.
    guard complete > 0 || seeds.count < 100 else { exit(1) }
}

/// With up to eight other bytes, and sometimes without its end. A fifth is unchanged.
func changed(_ bytes: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
    guard Int.random(in: 0..<5, using: &numbers) > 0 else { return bytes }
    var bytes = bytes
    for _ in 0..<Int.random(in: 0...8, using: &numbers) {
        // Most of them in the header, where they change more.
        let end = Bool.random(using: &numbers) ? bytes.count : min(bytes.count, 700)
        bytes[Int.random(in: 2..<end, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
    }
    guard Int.random(in: 0..<5, using: &numbers) == 0 else { return bytes }
    return Array(bytes.prefix(Int.random(in: 2...bytes.count, using: &numbers)))
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
                format: [nil, nil, .png, .webp].randomElement(using: &numbers) ?? nil,
                quality: [20, 80, 95].randomElement(using: &numbers))
        })
}
