import Model

/// Shows the frames of a GIF one after the other, each drawn over what is left of the earlier ones.
struct GIFCanvas {
    let file: GIFFile
    /// Whether no frame has a transparent pixel when it is shown.
    let isOpaque: Bool
    /// For each frame that was shown, where the codes of its pixels end.
    private(set) var ends: [LZWDecoder.End]
    private var decoder = LZWDecoder()
    /// The number of frames that were shown.
    private var count = 0
    /// The canvas. Empty for a file with one frame, whose rows are drawn when they are read.
    private var pixels: [RGBA] = []
    /// What the frame that is shown covers, row by row, if it will be restored.
    private var covered: [RGBA] = []
    private var colours: [RGBA] = []

    /// Red in the lowest byte. 0 is transparent.
    private typealias RGBA = UInt32

    /// Decodes the first frame. Check `canvas`, the number of frames and `workPixels` before.
    init(_ file: GIFFile) throws(Damage) {
        self.file = file
        let first = file.frames[0]
        ends = [try decoder.decode(first, of: file)]
        let isAnimated = file.frames.count > 1
        let indexes = decoder.indexes.prefix(first.place.size.area)
        let isCleared =
            isAnimated
            && (first.disposal == .restore
                || file.frames.dropLast().contains { $0.disposal == .clear })
        isOpaque =
            first.place == Rectangle(left: 0, top: 0, size: file.canvas) && !isCleared
            && !(first.transparent.map { indexes.contains($0) } ?? false)
        if isAnimated { pixels = [RGBA](repeating: 0, count: file.canvas.area) }
    }

    /// The channels: three for RGB, four for RGBA.
    var bands: Int { isOpaque ? 3 : 4 }

    /// Shows the next frame. Returns false after the last one.
    mutating func next() throws(Damage) -> Bool {
        guard count < file.frames.count else { return false }
        let frame = file.frames[count]
        if count > 0 {
            ends.append(try decoder.decode(frame, of: file))
            dispose(of: file.frames[count - 1])
        }
        colours = palette(of: frame)
        count += 1
        guard !pixels.isEmpty else { return true }
        let part = frame.place.clipped(to: file.canvas)
        if frame.disposal == .restore {
            covered.removeAll(keepingCapacity: true)
            for y in part.top..<part.bottom { covered += pixels[positions(of: y, in: part)] }
        }
        let (indexes, colours, width) = (decoder.indexes, colours, file.canvas.width)
        for y in part.top..<part.bottom {
            Self.draw(y, of: frame, part, indexes, colours, to: &pixels, at: y * width + part.left)
        }
        return true
    }

    private mutating func dispose(of frame: GIFFile.Frame) {
        guard frame.disposal != .keep else { return }
        let part = frame.place.clipped(to: file.canvas)
        for y in part.top..<part.bottom {
            let row = (y - part.top) * part.size.width
            let before =
                frame.disposal == .restore
                ? covered[row..<row + part.size.width]
                : [RGBA](repeating: 0, count: part.size.width)[...]
            pixels.replaceSubrange(positions(of: y, in: part), with: before)
        }
    }

    private func positions(of y: Int, in part: Rectangle) -> Range<Int> {
        let start = y * file.canvas.width + part.left
        return start..<start + part.size.width
    }

    /// All 256 colours. As in Chromium, those that the file does not define are black.
    private func palette(of frame: GIFFile.Frame) -> [RGBA] {
        var colours = [RGBA](repeating: 0xFF00_0000, count: 256)
        var reader = ByteReader(file.bytes, at: 0)
        if let defined = file.colours(of: frame) {
            reader.position = defined.lowerBound
            for index in 0..<defined.count / 3 {
                colours[index] |= RGBA(reader.littleEndian(3) ?? 0)
            }
        }
        if let transparent = frame.transparent { colours[Int(transparent)] = 0 }
        return colours
    }

    /// Draws one row of the visible part of a frame over `canvas`, from `start` on.
    private static func draw(
        _ y: Int, of frame: GIFFile.Frame, _ part: Rectangle, _ indexes: [UInt8],
        _ colours: [RGBA], to canvas: inout [RGBA], at start: Int
    ) {
        let source = frame.row(y - frame.place.top) * frame.place.size.width
        let width = part.size.width
        canvas.withUnsafeMutableBufferPointer { canvas in
            let target = UnsafeMutableBufferPointer(rebasing: canvas[start..<start + width])
            indexes.withUnsafeBufferPointer { indexes in
                let row = UnsafeBufferPointer(rebasing: indexes[source..<source + width])
                colours.withUnsafeBufferPointer { colours in
                    if frame.transparent == nil {
                        for x in 0..<width { target[x] = colours[Int(row[x])] }
                    } else {
                        for x in 0..<width {
                            let colour = colours[Int(row[x])]
                            if colour != 0 { target[x] = colour }
                        }
                    }
                }
            }
        }
    }

    /// Writes a row of the frame that is shown, with `bands` bytes per pixel.
    func write(row y: Int, to row: UnsafeMutablePointer<UInt8>) {
        let width = file.canvas.width
        guard pixels.isEmpty else {
            write(pixels[y * width..<(y + 1) * width], to: row)
            return
        }
        var drawn = [RGBA](repeating: 0, count: width)
        let frame = file.frames[0]
        let part = frame.place.clipped(to: file.canvas)
        if part.top..<part.bottom ~= y {
            Self.draw(y, of: frame, part, decoder.indexes, colours, to: &drawn, at: part.left)
        }
        write(drawn[...], to: row)
    }

    private func write(_ drawn: ArraySlice<RGBA>, to row: UnsafeMutablePointer<UInt8>) {
        let target = UnsafeMutableRawPointer(row)
        let bands = bands
        drawn.withUnsafeBufferPointer { drawn in
            // Each colour is written with four bytes. For RGB, the next colour replaces the fourth one, and the
            // last colour is written separately, because nothing may be written behind the row.
            let whole = bands == 4 ? drawn.count : drawn.count - 1
            for x in 0..<whole {
                target.storeBytes(
                    of: drawn[x].littleEndian, toByteOffset: x &* bands, as: RGBA.self)
            }
            for x in whole..<drawn.count {
                for band in 0..<3 {
                    row[3 * x + band] = UInt8(truncatingIfNeeded: drawn[x] >> (8 * RGBA(band)))
                }
            }
        }
    }
}

extension Rectangle {
    /// The part of it that is on a canvas; its size may be 0.
    fileprivate func clipped(to canvas: PixelSize) -> Rectangle {
        let (left, top) = (min(left, canvas.width), min(top, canvas.height))
        return Rectangle(
            left: left, top: top,
            size: PixelSize(
                width: min(size.width, canvas.width - left),
                height: min(size.height, canvas.height - top)))
    }
}

extension GIFFile.Frame {
    /// Which row of the file is the row `y` of the frame. An interlaced frame has its rows in four passes
    /// (GIF89a, appendix E): every eighth from 0, every eighth from 4, every fourth from 2, every second from 1.
    fileprivate func row(_ y: Int) -> Int {
        guard isInterlaced else { return y }
        let height = place.size.height
        let (first, second, third) = ((height + 7) / 8, (height + 3) / 8, (height + 1) / 4)
        return switch y % 8 {
        case 0: y / 8
        case 4: first + y / 8
        case 2, 6: first + second + y / 4
        default: first + second + third + y / 2
        }
    }
}
