import Catalog
import Foundation
import Support
import Testing

@testable import Resizing

/// One process decodes many accounts' images: none may show what was there before.
@Suite struct MemoryTests {
    let folder = TemporaryFolder()

    @Test(
        "Files that define fewer pixels than they declare never show an earlier image",
        arguments: ImageFormat.allCases)
    func secret(_ format: ImageFormat) throws {
        let resizer = try ResizerProcess(in: folder)
        // Of each kind of buffer: small and large ones, in rows and whole, with and without alpha.
        let secrets = try [ImageFormat.jpeg, .png, .webp, .avif, format].flatMap { kind in
            try [(400, 300), (1600, 1200)].map { (kind, try secret(kind, $0.0, $0.1)) }
        }
        for (what, bytes) in try Unfinished(format, folder).files {
            for (kind, secret) in secrets {
                _ = try #require(
                    try resizer.render(secret, as: kind, preset: Self.preset(kind)).rendering)
            }
            let result = try resizer.render(bytes, as: format, preset: Self.preset(format))
            guard result.rendering != nil else {
                #expect(result.unusable == "corrupt_image", "\(what)")
                continue
            }
            for frame in 0..<(format == .gif || format == .webp ? 2 : 1) {
                let options = frame == 0 ? "" : "page=\(frame)"
                guard
                    let pixels = try? Pixels(of: result.path("only"), options: options, in: folder)
                else { continue }  // It has no second frame.
                #expect(Self.showsSecret(pixels) == 0, "\(what), frame \(frame)")
            }
        }
    }

    @Test("Memory that decoders get holds nothing of what was there before")
    func fill() {
        _ = Resizer.renderer  // From here on memory is filled.
        let old: [UInt8] = [0xA7, 0x31, 0x5D, 0xE9]
        func isOld(_ block: UnsafeMutableRawPointer, _ range: Range<Int>) -> Bool {
            let bytes = UnsafeRawBufferPointer(start: block + range.lowerBound, count: range.count)
            return bytes.indices.dropLast(8).contains { start in
                (0..<8).allSatisfy { bytes[start + $0] == old[(start + range.lowerBound + $0) % 4] }
            }
        }
        func write(_ block: UnsafeMutableRawPointer, _ count: Int) {
            for index in 0..<count {
                block.storeBytes(of: old[index % 4], toByteOffset: index, as: UInt8.self)
            }
        }
        for size in [24, 200, 1000, 5000, 70_000, 140_000, 900_000] {
            let attempts: [(String, () -> (UnsafeMutableRawPointer, Range<Int>)?)] = [
                ("malloc", { malloc(size).map { ($0, 0..<size) } }),
                ("calloc", { calloc(1, size).map { ($0, 0..<size) } }),
                (
                    "aligned_alloc",
                    { aligned_alloc(64, size / 64 * 64 + 64).map { ($0, 0..<size) } }
                ),
                (
                    "posix_memalign",
                    {
                        var block: UnsafeMutableRawPointer?
                        return posix_memalign(&block, 64, size) == 0
                            ? block.map { ($0, 0..<size) } : nil
                    }
                ),
                ("realloc", { realloc(malloc(8), size).map { ($0, 8..<size) } }),
            ]
            for (name, allocate) in attempts {
                // Blocks side by side, so that some grow in place.
                var blocks = (0..<8).compactMap { _ in malloc(size) }
                for block in blocks { write(block, size) }
                while let block = blocks.popLast() { free(block) }
                let made = (0..<8).compactMap { _ in allocate() }
                #expect(made.count == 8)
                for (block, range) in made {
                    #expect(!isOld(block, range), "\(name) of \(size)")
                    free(block)
                }
            }
        }
    }

    /// One size; lossless, so that colours are what they were, where no frame is lost that way.
    private static func preset(_ format: ImageFormat) -> Preset {
        let only = Preset.Size(
            name: "only", box: PixelSize(width: 900, height: 900),
            format: format.isAnimated ? nil : .png)
        return Preset(sizes: [only])
    }

    private func secret(_ format: ImageFormat, _ width: Int, _ height: Int) throws -> [UInt8] {
        let path = folder.file("secret-\(width).\(format == .heic ? "heic" : format.fileExtension)")
        if !FileManager.default.fileExists(atPath: path) {
            let source = folder.file("secret-\(width).v")
            try Photos.vips(["black", source, "\(width)", "\(height)", "--bands", "3"])
            let coloured = folder.file("secret-\(width)-coloured.png")
            try Photos.vips(["linear", source, coloured, "1 1 1", "203 17 149", "--uchar"])
            try Photos.vips([
                "copy", coloured, format == .heic ? "\(path)[compression=hevc]" : path,
            ])
        }
        return try Photos.bytes(of: path)
    }

    /// How many pixels have the secret's colour, as near as coding keeps it.
    private static func showsSecret(_ pixels: Pixels) -> Int {
        guard pixels.bands >= 3 else { return 0 }
        return stride(from: 0, to: pixels.values.count, by: pixels.bands).count { start in
            zip(pixels.values[start..<start + 3], [203, 17, 149]).allSatisfy {
                abs(Int($0) - $1) < 12
            }
        }
    }
}
