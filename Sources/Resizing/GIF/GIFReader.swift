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
        return try Picture(reading: self, pixels, bands: canvas.bands)
            .readableInParts()
            .with(delays: canvas.file.delays, plays: canvas.file.plays)
    }

    func write(_ rows: Range<Int>, to pixels: UnsafeMutableRawPointer, stride: Int) -> Bool {
        let start = pixels.assumingMemoryBound(to: UInt8.self)
        for row in rows { canvas.write(row: row, to: start + (row - rows.lowerBound) * stride) }
        return true
    }

    func unscaled() -> [UInt8]? { canvas.file.withoutMetadata(canvas.ends) }
}
