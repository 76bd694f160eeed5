import CJPEG

extension PlanarImage {
    /// - Parameter quality: 1 to 100.
    func jpeg(quality: Int) throws(CodecError) -> [UInt8] {
        let writer = UnsafeMutablePointer<MultiresJPEGWriter>.allocate(capacity: 1)
        writer.initialize(to: MultiresJPEGWriter())
        defer {
            multires_jpeg_release(writer)
            writer.deallocate()
        }
        let rows = planes.map {
            MultiresJPEGPlane(
                samples: UnsafePointer($0.row(0)), stride: $0.stride, rows: Int32($0.size.height))
        }
        let result = multires_jpeg_write(
            writer, rows, Int32(rows.count), isGrey ? 1 : Int32(chroma.step), Int32(pixels.width),
            Int32(pixels.height), Int32(quality))
        guard result == 0 else { throw CodecError(writer.pointee.error) }
        return Array(
            UnsafeBufferPointer(
                start: writer.pointee.bytes, count: multires_jpeg_count(writer)))
    }
}

extension CodecError {
    init(_ error: MultiresJPEGError) {
        self = withUnsafeBytes(of: error.message) {
            CodecError(message: String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
