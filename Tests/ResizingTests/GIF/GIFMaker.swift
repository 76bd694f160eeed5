import Model

@testable import Resizing

/// A GIF with known pixels (GIF89a).
struct GIFMaker {
    struct Frame {
        var left = 0
        var top = 0
        var width: Int
        var height: Int
        /// Palette indexes, row by row from top to bottom.
        var pixels: [UInt8]
        var palette: [[UInt8]]?
        var transparent: UInt8?
        /// As in the file: 0 to 7.
        var disposal = 1
        /// In hundredths of a second. Nil: no graphic control extension, which needs `transparent` nil and
        /// `disposal` 0 or 1.
        var delay: Int? = 7
        var isInterlaced = false
        /// How many of its pixels the file has.
        var present: Int?

        init(_ width: Int, _ height: Int, atLeft left: Int = 0, top: Int = 0, of index: UInt8) {
            (self.width, self.height, self.left, self.top) = (width, height, left, top)
            pixels = [UInt8](repeating: index, count: width * height)
        }
    }

    var width: Int
    var height: Int
    /// The number of colours is a power of 2 from 2 to 256.
    var palette: [[UInt8]]? = [[10, 20, 30], [200, 30, 40], [50, 210, 60], [70, 80, 220]]
    /// The number in Netscape's extension. Nil: no extension.
    var loops: Int?
    /// Blocks before each frame, such as comments.
    var extra: [UInt8] = []
    var frames: [Frame] = []

    var bytes: [UInt8] {
        var file = Array("GIF89a".utf8) + Self.number(width) + Self.number(height)
        file += [Self.flags(palette), 0, 0] + (palette ?? []).flatMap { $0 }
        if let loops {
            file +=
                [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1] + Self.number(loops) + [0]
        }
        return frames.reduce(file) { $0 + extra + blocks(of: $1) } + [0x3B]
    }

    private func blocks(of frame: Frame) -> [UInt8] {
        var blocks: [UInt8] = []
        if let delay = frame.delay {
            let flags = UInt8(frame.disposal << 2 | (frame.transparent == nil ? 0 : 1))
            blocks += [0x21, 0xF9, 4, flags] + Self.number(delay) + [frame.transparent ?? 0, 0]
        }
        blocks.append(0x2C)
        blocks += [frame.left, frame.top, frame.width, frame.height].flatMap(Self.number)
        blocks.append(Self.flags(frame.palette) | (frame.isInterlaced ? 0x40 : 0))
        blocks += (frame.palette ?? []).flatMap { $0 }
        let pixels = frame.isInterlaced ? Self.interlaced(frame) : frame.pixels
        let codes = Self.codes(pixels.prefix(frame.present ?? pixels.count))
        blocks.append(8)
        for start in stride(from: 0, to: codes.count, by: 255) {
            let block = codes[start..<min(start + 255, codes.count)]
            blocks += [UInt8(block.count)] + block
        }
        return blocks + [0]
    }

    /// The rows in the order of the four passes (appendix E).
    private static func interlaced(_ frame: Frame) -> [UInt8] {
        let passes = [(0, 8), (4, 8), (2, 4), (1, 2)]
        return passes.flatMap { start, step in
            stride(from: start, to: frame.height, by: step).flatMap { y in
                frame.pixels[y * frame.width..<(y + 1) * frame.width]
            }
        }
    }

    /// LZW (appendix F) with eight bits per pixel. The table is cleared only when it is full.
    private static func codes(_ pixels: ArraySlice<UInt8>) -> [UInt8] {
        var (bytes, bits, count, width): ([UInt8], Int, Int, Int) = ([], 0, 0, 9)
        func put(_ code: Int) {
            bits |= code << count
            count += width
            while count >= 8 {
                bytes.append(UInt8(bits & 0xFF))
                bits >>= 8
                count -= 8
            }
        }
        put(256)
        var (table, next): ([Int: Int], Int) = ([:], 258)
        var string = -1
        for pixel in pixels {
            guard string >= 0 else {
                string = Int(pixel)
                continue
            }
            if let longer = table[string << 8 | Int(pixel)] {
                string = longer
                continue
            }
            put(string)
            if next < 4096 {
                table[string << 8 | Int(pixel)] = next
                // The decoder defines this code one code later.
                if next == 1 << width { width += 1 }
                next += 1
            } else {
                put(256)
                (table, next, width) = ([:], 258, 9)
            }
            string = Int(pixel)
        }
        if string >= 0 {
            put(string)
            if next < 4096, next == 1 << width { width += 1 }
        }
        put(257)
        return count > 0 ? bytes + [UInt8(bits)] : bytes
    }

    private static func flags(_ palette: [[UInt8]]?) -> UInt8 {
        palette.map { 0x80 | UInt8($0.count.trailingZeroBitCount - 1) } ?? 0
    }

    private static func number(_ value: Int) -> [UInt8] {
        [UInt8(value & 0xFF), UInt8(value >> 8)]
    }
}

extension GIFMaker {
    /// What each frame shows: RGBA of the canvas, computed pixel by pixel.
    var shown: [[UInt8]] {
        let first = frames[0]
        let size = PixelSize(
            width: max(width, first.left + first.width),
            height: max(height, first.top + first.height))
        var canvas = [UInt8](repeating: 0, count: 4 * size.area)
        return frames.map { frame in
            let before = canvas
            frame.forEachPixel(on: size) { place, index in
                guard index != frame.transparent else { return }
                let colours = frame.palette ?? palette ?? []
                let colour = Int(index) < colours.count ? colours[Int(index)] : [0, 0, 0]
                canvas.replaceSubrange(4 * place..<4 * place + 4, with: colour + [255])
            }
            let shown = canvas
            switch frame.disposal {
            case 2:
                frame.forEachPixel(on: size) { place, _ in
                    canvas.replaceSubrange(4 * place..<4 * place + 4, with: [0, 0, 0, 0])
                }
            case 3, 4: canvas = before
            default: break
            }
            return shown
        }
    }

    /// What the decoder shows of a file: RGBA of each frame.
    static func decoded(_ bytes: [UInt8], frames limit: Int = 1000) throws -> [[UInt8]] {
        try decoded(try GIFFile(bytes, frames: limit)).shown
    }

    static func decoded(
        _ file: GIFFile
    ) throws -> (shown: [[UInt8]], canvas: GIFCanvas) {
        var canvas = try GIFCanvas(file)
        var shown: [[UInt8]] = []
        while try canvas.next() {
            var pixels = [UInt8](repeating: 0xAA, count: file.canvas.area * canvas.bands)
            let rowBytes = file.canvas.width * canvas.bands
            pixels.withUnsafeMutableBufferPointer { pixels in
                guard let start = pixels.baseAddress else { return }
                for y in 0..<file.canvas.height { canvas.write(row: y, to: start + y * rowBytes) }
            }
            if canvas.bands == 3 {
                pixels = (0..<file.canvas.area).flatMap { pixels[3 * $0..<3 * $0 + 3] + [255] }
            }
            shown.append(pixels)
        }
        return (shown, canvas)
    }
}

extension GIFMaker.Frame {
    /// - Parameter body: is passed the pixel's position on the canvas, row by row, and its index.
    fileprivate func forEachPixel(on canvas: PixelSize, _ body: (_ place: Int, UInt8) -> Void) {
        for y in 0..<height where top + y < canvas.height {
            for x in 0..<width where left + x < canvas.width {
                body((top + y) * canvas.width + left + x, pixels[y * width + x])
            }
        }
    }
}

extension GIFFile {
    /// Where the codes of each frame end. Throws if a frame lacks pixels.
    func codeEnds() throws(Damage) -> [LZWDecoder.End] {
        var decoder = LZWDecoder()
        var ends: [LZWDecoder.End] = []
        for frame in frames { ends.append(try decoder.decode(frame, of: self)) }
        return ends
    }
}
