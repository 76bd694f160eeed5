import CJPEG
import Glibc
import Model
import Processes

/// libjpeg's decoder of one file, which gives the samples of each component as the file has them: before
/// chroma is upsampled and colours are converted. A file whose data does not define all samples is an error;
/// one that lacks only its end marker is not.
final class JPEGReader {
    private let reader: UnsafeMutablePointer<MultiresJPEGReader>
    private let source: Source

    private enum Source: ~Copyable {
        case file(FileDescriptor)
        case bytes(FileBytes)
    }

    /// Reads the header.
    convenience init(path: String) throws(CodecError) {
        do { try self.init(.file(FileDescriptor(opening: path, O_RDONLY))) } catch {
            throw error as? CodecError ?? CodecError(message: "\(error)")
        }
    }

    convenience init(_ bytes: FileBytes) throws(CodecError) {
        try self.init(.bytes(bytes))
    }

    private init(_ source: consuming Source) throws(CodecError) {
        reader = .allocate(capacity: 1)
        reader.initialize(to: MultiresJPEGReader())
        self.source = source
        let result =
            switch self.source {
            case .file(let file): multires_jpeg_open(reader, file.number, nil, 0)
            case .bytes(let bytes):
                multires_jpeg_open(
                    reader, -1, bytes.buffer.bindMemory(to: UInt8.self).baseAddress,
                    bytes.buffer.count)
            }
        try check(result)
    }

    deinit {
        multires_jpeg_close(reader)
        reader.deallocate()
    }

    /// 1 for a file with luma alone, 3 for one with luma, Cb and Cr, nil for other components, such as CMYK.
    var bands: Int? {
        switch reader.pointee.jpeg.jpeg_color_space {
        case JCS_GRAYSCALE: 1
        case JCS_YCbCr: 3
        default: nil
        }
    }

    /// Begins decoding. Reads all scans of a progressive file.
    ///
    /// - Parameter shrink: 1, 2, 4 or 8: how much smaller to decode.
    func start(shrink: Int) throws(CodecError) -> [JPEGComponent] {
        try check(multires_jpeg_start(reader, Int32(shrink)))
        return try (0..<reader.pointee.jpeg.num_components).map { index throws(CodecError) in
            try JPEGComponent(
                multires_jpeg_component(reader, index).pointee, of: reader.pointee.jpeg)
        }
    }

    /// Decodes the next row of MCUs into the components. False if there is none.
    func readRow(into components: [JPEGComponent]) throws(CodecError) -> Bool {
        guard reader.pointee.jpeg.output_scanline < reader.pointee.jpeg.output_height else {
            return false
        }
        var planes: [JSAMPARRAY?] = components.map { $0.addressesOfNextRows() }
        try check(multires_jpeg_read(reader, &planes))
        for component in components { component.countNextRows() }
        return true
    }

    /// Whether libjpeg has found something odd in the file.
    var hasWarnings: Bool { reader.pointee.error.manager.num_warnings > 0 }

    /// Reads the file to its end.
    func finish() throws(CodecError) {
        try check(multires_jpeg_finish(reader))
    }

    private func check(_ result: Int32) throws(CodecError) {
        guard result == 0 else { throw CodecError(reader.pointee.error) }
    }
}
