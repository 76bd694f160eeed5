import Model
import Support

/// Processor time and memory for the four sizes of AVIF photos of 12 megapixels and of an animated GIF of 45
/// megapixels.
enum FormatCost {
    private static let count = 7

    static func run(in folder: TemporaryFolder) throws {
        let photo = try Photos.converted(
            to: "png", width: 4032, height: 3024, options: "compression=1", in: folder)
        for (depth, chroma) in [("8", "420"), ("10", "444")] {
            let avif = folder.file("photo-\(depth).avif")
            try Shell.check(
                "avifenc",
                ["-s", "10", "--min", "20", "--max", "25", "-d", depth, "-y", chroma, photo, avif])
            try decode(avif, "12 MP AVIF, \(depth) bits, to four", in: folder)
        }
        try animate(in: folder)
    }

    /// JPEG takes little time and memory to encode; an AV1 encoder takes more of both than the decoder. The
    /// baseline decodes with libheif, which libvips uses, and makes one size.
    private static func decode(
        _ avif: String, _ what: String, in folder: TemporaryFolder
    ) throws {
        let sizes = Preset.standard.sizes.map {
            Preset.Size(name: $0.name, box: $0.box, format: .jpeg)
        }
        let (made, one) = (try folder.folder("made"), folder.file("one.jpg"))
        let resizer = try WarmResizer()
        var ours: [Double] = []
        var libheif: [Double] = []
        for _ in 0..<count {
            ours.append(try resizer.render(avif, as: .avif, Preset(sizes: sizes), into: made))
            libheif.append(
                try processorMilliseconds {
                    try Photos.vips(["thumbnail", avif, one, "1920"])
                })
        }
        try Report.add(
            Row(
                "processor time, \(what), decode", unit: "ms", ours, "libvips, one size", libheif,
                goal: .atMost(0.7)))
        try Report.add(
            Row(
                "peak memory of a resizer, \(what), decode", unit: "MB",
                [megabytes("status", "VmHWM", of: resizer.pid)], "the goal", [150],
                goal: .atMost(1)))
        try resizer.render(avif, as: .avif, into: made)
        try Report.add(
            Row(
                "peak memory of a resizer, \(what) as AVIF", unit: "MB",
                [megabytes("status", "VmHWM", of: resizer.pid)], "the goal", [150],
                goal: .atMost(1)))
    }

    /// 42 different frames with 256 colours each, hardly larger than a size, so that it must be encoded again
    /// with almost all of its pixels.
    private static func animate(in folder: TemporaryFolder) throws {
        let strip = folder.file("strip.gif")
        let photo = try Photos.converted(
            to: "png", width: 1030 + 8 * 42, height: 1030 + 5 * 42, in: folder)
        var frames: [String] = []
        for index in 0..<42 {
            let frame = folder.file("frame-\(index).png")
            try Photos.vips(["crop", photo, frame, "\(8 * index)", "\(5 * index)", "1030", "1030"])
            frames.append(frame)
        }
        try Photos.vips([
            "arrayjoin", frames.joined(separator: " "),
            "\(strip)[page-height=1030,interpalette-maxerror=0]", "--across", "1",
        ])
        let resizer = try WarmResizer()
        let seconds = try resizer.render(strip, as: .gif, into: folder.folder("made")) / 1000
        try Report.add(
            Row(
                "processor time, 45 MP GIF to four", unit: "s", [seconds], "the goal", [5],
                goal: .atMost(1)))
    }
}
