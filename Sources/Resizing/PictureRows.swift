import CVips
import Model

/// Pixels that are computed when they are needed.
protocol RowSource: AnyObject {
    /// Writes rows in full width, each `stride` bytes after the previous one. False after an error.
    func write(_ rows: Range<Int>, to pixels: UnsafeMutableRawPointer, stride: Int) -> Bool
}

/// A function that converts a row of pixels. Several threads call it at the same time.
final class RowConversion: Sendable {
    /// - Parameter count: in pixels.
    typealias Convert =
        @Sendable (
            _ from: UnsafeRawPointer, _ to: UnsafeMutablePointer<UInt8>, _ count: Int
        ) -> Void

    fileprivate let convert: Convert

    init(_ convert: @escaping Convert) {
        self.convert = convert
    }
}

extension Picture {
    /// A picture that can be read from top to bottom.
    ///
    /// - Parameter isDeep: whether its channels have 16 bits, in the machine's order of bytes, instead of 8.
    convenience init(
        reading source: any RowSource, _ pixels: PixelSize, bands: Int, isDeep: Bool = false
    ) throws(CodecError) {
        let owned = Unmanaged.passRetained(source as AnyObject).toOpaque()
        try self.init { out in
            out.pointee = multires_source(
                Int32(pixels.width), Int32(pixels.height), Int32(bands), isDeep ? 1 : 0,
                { source, top, count, pixels, stride in
                    guard let source, let pixels,
                        let rows = Unmanaged<AnyObject>.fromOpaque(source).takeUnretainedValue()
                            as? any RowSource
                    else { return -1 }
                    let range = Int(top)..<Int(top) + Int(count)
                    return rows.write(range, to: pixels, stride: stride) ? 0 : -1
                },
                owned, { $0.map { Unmanaged<AnyObject>.fromOpaque($0).release() } })
            return out.pointee == nil ? -1 : 0
        }
    }

    /// Grey or sRGB with 8 bits per channel, converted row by row.
    func converted(
        to bands: Int, _ convert: @escaping RowConversion.Convert
    ) throws(CodecError) -> Picture {
        let owned = Unmanaged.passRetained(RowConversion(convert)).toOpaque()
        return try Picture { out in
            multires_convert(
                pointer, out, Int32(bands),
                { context, from, to, width in
                    guard let context, let from, let to else { return }
                    let conversion = Unmanaged<RowConversion>.fromOpaque(context)
                    conversion.takeUnretainedValue().convert(
                        from, to.assumingMemoryBound(to: UInt8.self), Int(width))
                },
                owned, { $0.map { Unmanaged<RowConversion>.fromOpaque($0).release() } })
        }
    }
}
