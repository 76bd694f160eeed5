import Model

/// The blocks of a GIF (GIF89a), without their pixels. Where the specification is silent, this follows
/// Chromium.
struct GIFFile {
    struct Frame {
        /// In pixels of the canvas; may reach beyond it.
        let place: Rectangle
        let palette: Palette
        /// The index of pixels that show what is below them.
        let transparent: UInt8?
        let disposal: Disposal
        /// In hundredths of a second.
        let delay: Int
        /// Whether a graphic control extension precedes it.
        let isControlled: Bool
        let isInterlaced: Bool
        /// The number of bits of the first LZW codes is one more.
        let codeSize: Int
        /// The sub-blocks of the LZW codes. The last one may end early.
        let data: Range<Int>
    }

    /// The colours of a frame: three bytes each.
    enum Palette {
        case global
        case local(Range<Int>)
    }

    /// What happens to a frame before the next one is drawn (GIF89a, section 23). Chromium ignores undefined
    /// values, except 4, which some encoders write instead of 3.
    enum Disposal: UInt8 {
        case keep = 0
        case clear = 2
        case restore = 3
    }

    let bytes: [UInt8]
    /// The size in the header, enlarged by a first frame that reaches beyond it.
    private(set) var canvas: PixelSize
    private(set) var frames: [Frame] = []
    /// How often the frames are shown; 0: for ever.
    private(set) var plays = 1
    private(set) var globalPalette: Range<Int>?

    /// Throws if there is no frame, no pixel, or only a part of a frame's header. What else is missing or wrong
    /// after the first frame is the end of the file.
    ///
    /// - Parameter limit: does not read more than one frame beyond it.
    init(_ bytes: [UInt8], frames limit: Int = .max - 1) throws(Damage) {
        self.bytes = bytes
        var reader = ByteReader(bytes, at: 6)
        guard bytes.starts(with: Array("GIF".utf8)), let width = reader.littleEndian(2),
            let height = reader.littleEndian(2), let flags = reader.byte(), reader.skip(2) != nil
        else { throw Damage(message: "no header") }
        canvas = PixelSize(width: width, height: height)
        globalPalette = Self.paletteBytes(flags).flatMap { reader.skip($0) }
        var control = Control()
        while frames.count <= limit, let block = reader.byte() {
            switch block {
            case 0x21: readExtension(&reader, &control)
            case 0x2C:
                try readFrame(&reader, control)
                control = Control()
            case 0x00: continue  // A second end of a block, as some encoders write.
            default: reader.position = bytes.count  // The trailer, or an undefined block.
            }
        }
        guard let first = frames.first else { throw Damage(message: "no frame") }
        canvas = PixelSize(
            width: max(canvas.width, first.place.left + first.place.size.width),
            height: max(canvas.height, first.place.bottom))
        guard canvas.area > 0 else { throw Damage(message: "the canvas has no pixels") }
    }

    /// In milliseconds, one for each frame. Browsers show a frame for 100 ms if its delay is 0 or 10 ms.
    var delays: [Int] { frames.map { $0.delay < 2 ? 100 : $0.delay * 10 } }

    /// How many pixels all frames have to decode and to show. A later frame can be larger than the canvas.
    var workPixels: Int { frames.reduce(0) { $0 + max(canvas.area, $1.place.size.area) } }

    func colours(of frame: Frame) -> Range<Int>? {
        switch frame.palette {
        case .global: globalPalette
        case .local(let colours): colours
        }
    }

    /// The graphic control extension (GIF89a, section 23), which applies to the next frame.
    private struct Control {
        var isPresent = false
        var transparent: UInt8?
        var disposal = Disposal.keep
        var delay = 0
    }

    private mutating func readExtension(_ reader: inout ByteReader, _ control: inout Control) {
        let label = reader.byte()
        guard let first = readSubBlock(&reader) else { return }
        var content = ByteReader(bytes, at: first.lowerBound)
        if label == 0xF9, first.count >= 4, let flags = content.byte(),
            let delay = content.littleEndian(2), let transparent = content.byte()
        {
            let disposal = flags >> 2 & 7
            control = Control(
                isPresent: true,
                transparent: flags & 1 == 1 ? transparent : nil,
                disposal: disposal == 4 ? .restore : Disposal(rawValue: disposal) ?? .keep,
                delay: delay)
        }
        // Netscape's extension has the number of repetitions.
        let isLoop =
            label == 0xFF
            && ["NETSCAPE2.0", "ANIMEXTS1.0"].contains { bytes[first].elementsEqual($0.utf8) }
        while let block = readSubBlock(&reader) {
            var content = ByteReader(bytes, at: block.lowerBound)
            if isLoop, block.count == 3, content.byte() == 1, let count = content.littleEndian(2) {
                plays = count == 0 ? 0 : count + 1
            }
        }
    }

    /// The content of the next sub-block; nil at the end of the block, or if the file ends early.
    private func readSubBlock(_ reader: inout ByteReader) -> Range<Int>? {
        guard let count = reader.byte(), count > 0 else { return nil }
        guard let content = reader.skip(Int(count)) else {
            reader.position = bytes.count
            return nil
        }
        return content
    }

    private mutating func readFrame(
        _ reader: inout ByteReader, _ control: Control
    ) throws(Damage) {
        guard let left = reader.littleEndian(2), let top = reader.littleEndian(2),
            let width = reader.littleEndian(2), let height = reader.littleEndian(2),
            let flags = reader.byte()
        else { throw Damage(message: "frame \(frames.count) has no data") }
        var palette = Palette.global
        if let count = Self.paletteBytes(flags) {
            guard let colours = reader.skip(count) else {
                throw Damage(message: "frame \(frames.count) has no data")
            }
            palette = .local(colours)
        }
        guard let codeSize = reader.byte() else {
            throw Damage(message: "frame \(frames.count) has no data")
        }
        guard 1...8 ~= codeSize else {
            throw Damage(message: "frame \(frames.count) has codes of \(codeSize) bits")
        }
        let start = reader.position
        while readSubBlock(&reader) != nil {}
        frames.append(
            Frame(
                place: Rectangle(
                    left: left, top: top, size: PixelSize(width: width, height: height)),
                palette: palette, transparent: control.transparent, disposal: control.disposal,
                delay: control.delay, isControlled: control.isPresent,
                isInterlaced: flags & 0x40 != 0, codeSize: Int(codeSize),
                data: start..<reader.position))
    }

    private static func paletteBytes(_ flags: UInt8) -> Int? {
        flags & 0x80 == 0 ? nil : 3 << (Int(flags & 7) + 1)
    }
}
