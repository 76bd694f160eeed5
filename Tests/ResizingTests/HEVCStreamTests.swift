import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Damage within the HEVC stream of a HEIC file whose boxes are valid.
@Suite struct HEVCStreamTests {
    let folder = TemporaryFolder()

    @Test("A HEIC that lacks a slice or part of one fails, with any number of threads")
    func slices() throws {
        let whole = try Self.fourSlices()
        let slices = HEVCFile.slices(of: whole)
        try #require(slices.count == 4)
        for threads in [1, 2, 8] {
            #expect(try render(whole, threads: threads).rendering != nil)
            for (number, slice) in slices.enumerated() {
                for (what, bytes) in [
                    ("missing", HEVCFile.withoutUnit(slice, in: whole)),
                    ("cut", HEVCFile.cutting(slice, after: slice.count / 2, in: whole)),
                ] {
                    for _ in 0..<(Fuzz.isLong ? 20 : 2) {
                        #expect(
                            try render(bytes, threads: threads).imageFailed == "corrupt_image",
                            "slice \(number) \(what), \(threads) threads")
                    }
                }
            }
        }
    }

    @Test("A HEIC fails if damage makes its pixels depend on the memory they are decoded into")
    func fuzzUndefinedPixels() throws {
        let files = [
            try Self.fourSlices(),
            try Photos.bytes(of: try heic(width: 200, height: 152)),
            try Photos.bytes(of: try heic(width: 64, height: 64, options: "bitdepth=10")),
        ]
        var undefined = 0
        let seeds = Fuzz.seeds(18)
        for seed in seeds {
            var numbers = SeededNumbers(seed)
            let whole = files[Int(seed) % files.count]
            let bytes = HEVCFile.damaged(whole, using: &numbers)
            guard try dependsOnMemory(bytes) else { continue }
            undefined += 1
            #expect(try render(bytes).imageFailed == "corrupt_image", "seed \(seed)")
        }
        #expect(seeds.count == 1 || undefined > 0, "no damage made pixels depend on memory")
    }

    @Test(
        "An intact HEIC has the same pixels as with libheif's own decoder",
        arguments: ["", "subsample_mode=off", "lossless", "bitdepth=8,Q=90"])
    func intact(_ options: String) throws {
        for (width, height) in [(64, 64), (333, 200), (37, 50)] {
            try expectSame(try heic(width: width, height: height, options: options))
        }
    }

    @Test("An intact HEIC with alpha or in grey has the same pixels as with libheif's own decoder")
    func intactBands() throws {
        let transparent = folder.file("transparent.heic")
        try Photos.vips([
            "thumbnail", Photos.transparent, "\(transparent)[compression=hevc]", "300",
        ])
        try expectSame(transparent)
        try expectSame(
            try Photos.write(try Self.fourSlices(), to: folder.file("four-slices.heic")))
        let grey = folder.file("grey.png")
        try Photos.vips([
            "colourspace", try Photos.pixels(width: 90, height: 70, in: folder), grey, "b-w",
        ])
        try Photos.vips(["copy", grey, folder.file("grey.heic[compression=hevc]")])
        try expectSame(folder.file("grey.heic"))
    }

    /// 192 x 128 pixels, made with x265's `slices=4:ctu=16:sao`.
    private static func fourSlices() throws -> [UInt8] {
        try Photos.bytes(
            of: "\(Programs.projectFolder)/Tests/ResizingTests/Memory/four-slices.heic")
    }

    private func heic(width: Int, height: Int, options: String = "") throws -> String {
        try Photos.converted(
            to: "heic", width: width, height: height,
            options: options.isEmpty ? "compression=hevc" : "compression=hevc,\(options)",
            in: folder)
    }

    private func render(_ bytes: [UInt8], threads: Int = 1) throws -> Resizer.Result {
        let path = try Photos.write(bytes, to: folder.file("\(UUID().uuidString).heic"))
        return try Resizer.render(
            path, as: .heic, preset: DamageTests.preset, threads: threads, in: folder)
    }

    /// Decodes twice by libvips' command, with libheif's own decoder, in memory that is filled with one
    /// byte and then another (mallopt(3), M_PERTURB). Returns whether the pixels differ.
    private func dependsOnMemory(_ bytes: [UInt8]) throws -> Bool {
        let path = try Photos.write(bytes, to: folder.file("damaged.heic"))
        let pixels = folder.file("damaged.raw")
        var seen: Set<[UInt8]> = []
        for fill in [255, 133] {
            let output = try Shell.run(
                "vips", ["rawsave", path, pixels],
                environment: [
                    "MALLOC_PERTURB_": "\(fill)", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
                ])
            guard output.status == 0 else { return false }
            seen.insert(try Photos.bytes(of: pixels))
        }
        return seen.count > 1
    }

    private func expectSame(
        _ path: String, at location: SourceLocation = #_sourceLocation
    ) throws {
        let only = Preset.Size(
            name: "only", box: PixelSize(width: 900, height: 900), format: .png)
        let result = try Resizer.render(
            path, as: .heic, fit: .inside, preset: Preset(sizes: [only]), in: folder)
        let ours = try Pixels(of: result.path("only"), in: folder)
        let theirs = try Pixels(of: path, in: folder)
        #expect(
            ours.values == theirs.values && ours.bands == theirs.bands,
            "\(path): \(String(describing: ours.likeness(to: theirs))) dB", sourceLocation: location
        )
    }
}

/// The NAL units of the only HEVC stream in a small HEIC file. Each follows its length in four bytes.
private enum HEVCFile {
    static func slices(of file: [UInt8]) -> [Range<Int>] {
        let mark = Array("mdat".utf8)
        var position = (file.indices.first { file[$0...].starts(with: mark) } ?? 0) + 4
        var slices: [Range<Int>] = []
        while position + 6 <= file.count {
            let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard position + 4 + length <= file.count else { break }
            let unit = position + 4..<position + 4 + length
            if file[unit.lowerBound] >> 1 < 32 { slices.append(unit) }
            position = unit.upperBound
        }
        return slices
    }

    /// Replaces a unit by filler data, which decoders ignore (ITU-T H.265, 7.4.2.2).
    static func withoutUnit(_ unit: Range<Int>, in file: [UInt8]) -> [UInt8] {
        var file = file
        file[unit.lowerBound] = 38 << 1
        return file
    }

    static func cutting(_ unit: Range<Int>, after count: Int, in file: [UInt8]) -> [UInt8] {
        var file = file
        let cut = unit.lowerBound + count
        file.replaceSubrange(
            unit.lowerBound - 4..<unit.lowerBound, with: HEIFMaker.number(count, 4))
        file.replaceSubrange(
            cut..<cut + 6, with: HEIFMaker.number(unit.count - count - 4, 4) + [38 << 1, 1])
        return file
    }

    static func damaged(_ file: [UInt8], using numbers: inout SeededNumbers) -> [UInt8] {
        let slices = slices(of: file)
        let slice = slices[Int.random(in: slices.indices, using: &numbers)]
        var damaged = file
        let position = Int.random(in: slice.lowerBound..<slice.upperBound - 10, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1:
            for place in position..<min(position + 64, slice.upperBound) { damaged[place] = 0 }
        case 2:
            return cutting(slice, after: max(4, position - slice.lowerBound), in: file)
        default:
            return slices.count > 1
                ? withoutUnit(slice, in: file)
                : cutting(slice, after: max(4, position - slice.lowerBound), in: file)
        }
        return damaged
    }
}
