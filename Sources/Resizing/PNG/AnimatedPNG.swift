import Model

/// The first frame of an animated PNG whose still image is not part of the animation (PNG, third edition, section
/// 4.10). Browsers never show such a still.
struct AnimatedPNG {
    /// A PNG of the frame alone.
    let bytes: [UInt8]
    /// Where the frame is in the image; the rest is transparent.
    let place: Rectangle
    let canvas: PixelSize

    /// Nil if the still is the first frame, as in most files, or if the file has no animation.
    init?(_ path: String, _ head: borrowing PNGHead) throws(RenderError) {
        guard head.has("acTL"), !head.has("fcTL") else { return nil }
        self.init(try Original.bytes(of: path))
    }

    /// - Parameter bytes: those of the frame, perhaps repaired.
    func input(_ bytes: [UInt8]) -> LoaderInput {
        place.size == canvas
            ? .bytes(FileBytes(bytes)) : .frame(FileBytes(bytes), at: place, in: canvas)
    }

    private init?(_ file: [UInt8]) {
        var kept: [PNGFile.Chunk] = []
        var control: [UInt8]?
        var data: [UInt8] = []
        scan: for chunk in PNGFile.Chunks(file) {
            switch chunk.name {
            case "fcTL" where control == nil: control = Array(file[chunk.data])
            // Each piece begins with a number.
            case "fdAT" where control != nil: data += file[chunk.data].dropFirst(4)
            case "fcTL": break scan
            case "IDAT", "IEND", "acTL", "fdAT": break
            default: if control == nil, !PNGFile.isText(chunk) { kept.append(chunk) }
            }
        }
        guard let control, !data.isEmpty, let header = kept.first, header.name == "IHDR",
            let canvas = PNGHeader(file[header.data])
        else { return nil }
        var reader = ByteReader(control, at: 4)
        guard let width = reader.bigEndian(4), let height = reader.bigEndian(4),
            let left = reader.bigEndian(4), let top = reader.bigEndian(4), width > 0, height > 0,
            left + width <= canvas.width, top + height <= canvas.height
        else { return nil }
        self.canvas = PixelSize(width: canvas.width, height: canvas.height)
        place = Rectangle(left: left, top: top, size: PixelSize(width: width, height: height))
        var bytes = PNGFile.signature
        let size = PNGFile.bigEndian(UInt32(width)) + PNGFile.bigEndian(UInt32(height))
        PNGFile.append("IHDR", (size + file[header.data].dropFirst(8))[...], to: &bytes)
        for chunk in kept.dropFirst() { PNGFile.append(chunk.name, file[chunk.data], to: &bytes) }
        PNGFile.append("IDAT", data[...], to: &bytes)
        PNGFile.append("IEND", [], to: &bytes)
        self.bytes = bytes
    }
}
