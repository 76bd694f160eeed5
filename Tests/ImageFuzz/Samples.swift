import Model
import Support

/// Intact files of every kind that our own code reads.
enum Samples {
    /// A new format needs only another entry.
    static func all(in folder: TemporaryFolder) throws -> [ImageFormat: [[UInt8]]] {
        [
            .jpeg: try jpeg(in: folder), .avif: try avif(in: folder), .png: try png(in: folder),
            .gif: try gif(in: folder),
        ]
    }

    private static func jpeg(in folder: TemporaryFolder) throws -> [[UInt8]] {
        let options = [
            "-sample 2x2", "-sample 1x1 -restart 1", "-sample 4x1", "-progressive", "-grayscale",
        ]
        return try options.enumerated().map { index, options in
            try Photos.bytes(
                of: JPEGMaker.file(101 + index, 75, options, orientation: index + 4, in: folder))
        }
    }

    private static func avif(in folder: TemporaryFolder) throws -> [[UInt8]] {
        let pictures = try (0..<4).map { index in
            let path = folder.file("picture-\(index).png")
            let source = try Photos.pixels(width: 96, height: 64, in: folder)
            try Photos.vips(["linear", source, path, "1", "\(20 * index)", "--uchar"])
            return path
        }
        let transparent = folder.file("transparent.png")
        try Photos.vips([
            "thumbnail", Photos.transparent, transparent, "96", "--height", "64", "--size", "force",
        ])
        let files: [[String]] = [
            ["-y", "420", pictures[0]],
            ["-y", "444", "-d", "10", "--nclx", "9/16/9", "--irot", "1", transparent],
            ["-y", "422", "-p", "--crop", "6,4,50,40", "--imir", "1", transparent],
            ["-y", "400", "-r", "limited", pictures[1]],
            ["-y", "420", "-g", "2x2"] + pictures,
            ["-y", "420", "--timescale", "10"] + pictures,
            ["-y", "420", "--timescale", "10", transparent, transparent, transparent],
        ]
        return try files.enumerated().map { index, arguments in
            let path = folder.file("sample-\(index).avif")
            try Shell.check("avifenc", ["-s", "10", "-o", path] + arguments)
            return try Photos.bytes(of: path)
        }
    }

    private static func gif(in folder: TemporaryFolder) throws -> [[UInt8]] {
        let still = try Photos.converted(to: "gif", width: 60, height: 40, in: folder)
        let animation = try Animation.make(
            "gif", width: 64, height: 48, delays: [50, 120, 190], loops: 2, in: folder)
        return try [still, animation].map(Photos.bytes)
    }

    private static func png(in folder: TemporaryFolder) throws -> [[UInt8]] {
        var files: [[UInt8]] = []
        for options in ["strip", "strip,interlace", "strip,palette"] {
            files.append(
                try Photos.bytes(
                    of: Photos.converted(
                        to: "png", width: 60, height: 40, options: options, in: folder)))
        }
        let profile = folder.file("profile.png")
        try Photos.vips([
            "pngsave", try Photos.pixels(width: 60, height: 40, in: folder), profile, "--profile",
            "p3",
        ])
        files.append(try Photos.bytes(of: profile))
        let plain = files[0]
        let numbers = { (values: [Int]) in values.flatMap(PNGChunks.number) }
        let points = [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000]
        files.append(with([("gAMA", numbers([55_555])), ("cHRM", numbers(points))], plain))
        files.append(with([("cICP", [9, 16, 0, 1]), ("cLLI", numbers([4_000_000, 1]))], plain))
        // Its still is no part of the animation.
        let control = numbers([0, 60, 40, 0, 0]) + [0, 1, 0, 10, 0, 0]
        let frame = numbers([1]) + PNGChunks.data("IDAT", of: plain)
        files.append(
            Array(with([("acTL", numbers([1, 0]))], plain).dropLast(12))
                + PNGChunks.chunk("fcTL", control) + PNGChunks.chunk("fdAT", frame)
                + plain.suffix(12))
        return files
    }

    /// With chunks after the header.
    private static func with(_ chunks: [(String, [UInt8])], _ file: [UInt8]) -> [UInt8] {
        file[..<33] + chunks.flatMap { PNGChunks.chunk($0, $1) } + file[33...]
    }
}
