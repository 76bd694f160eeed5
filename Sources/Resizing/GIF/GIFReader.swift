import Model

/// Reads the frames of a GIF.
final class GIFReader: FrameReader, RowSource {
    private var canvas: GIFCanvas

    init(_ file: GIFFile) throws(CodecError) {
        do { canvas = try GIFCanvas(file) } catch { throw CodecError(message: error.message) }
    }

    var pixels: PixelSize { canvas.file.canvas }

    func next(rows: Int) throws(CodecError) -> Picture {
        do throws(Damage) {
            guard try canvas.next() else { throw Damage(message: "no more frames") }
        } catch {
            throw CodecError(message: error.message)
        }
        return try Picture(reading: self, pixels, bands: canvas.bands).readableInParts()
    }

    func write(_ rows: Range<Int>, to pixels: UnsafeMutableRawPointer, stride: Int) -> Bool {
        let start = pixels.assumingMemoryBound(to: UInt8.self)
        for row in rows { canvas.write(row: row, to: start + (row - rows.lowerBound) * stride) }
        return true
    }

    /// Nil also if a frame has pixels beyond the canvas, which nobody sees.
    func unscaled() -> [UInt8]? {
        let file = canvas.file
        let isInside = file.frames.allSatisfy { frame in
            frame.place.left + frame.place.size.width <= file.canvas.width
                && frame.place.bottom <= file.canvas.height
        }
        return isInside ? file.withoutMetadata(canvas.ends) : nil
    }

    var delays: [Int] { canvas.file.delays }

    var plays: Int { canvas.file.plays }
}
