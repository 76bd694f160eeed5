import Glibc
import Model

/// Memory for samples, which are 0 at first. If none is free, it throws, where Swift's own memory would end
/// the process.
final class SampleMemory {
    let start: UnsafeMutablePointer<UInt8>

    init(_ count: Int) throws(CodecError) {
        guard let memory = calloc(count, 1) else { throw CodecError(message: "out of memory") }
        start = memory.bindMemory(to: UInt8.self, capacity: count)
    }

    deinit { free(start) }
}

/// One channel of an image in memory: a sample of 8 bits per pixel. After its last sample, each row repeats it
/// up to a multiple of 16 samples, because encoders need whole blocks.
final class Plane {
    let size: PixelSize
    let stride: Int
    private let samples: SampleMemory

    /// How many more samples than a row has may be read and written.
    static let slack = 64

    init(_ size: PixelSize) throws(CodecError) {
        self.size = size
        stride = (size.width + 15) / 16 * 16 + Self.slack
        samples = try SampleMemory(stride * size.height)
    }

    func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
        samples.start + y * stride
    }

    func repeatLastSample(ofRow y: Int) {
        let row = row(y)
        (row + size.width).update(repeating: row[size.width - 1], count: 16)
    }

    /// Rows become columns.
    func transposed() throws(CodecError) -> Plane {
        let turned = try Plane(size.turned)
        // In squares, so that the rows of both planes stay in the processor's cache.
        let side = 32
        for top in Swift.stride(from: 0, to: size.height, by: side) {
            for left in Swift.stride(from: 0, to: size.width, by: side) {
                for x in left..<min(left + side, size.width) {
                    let column = turned.row(x)
                    for y in top..<min(top + side, size.height) { column[y] = row(y)[x] }
                }
            }
        }
        for y in 0..<turned.size.height { turned.repeatLastSample(ofRow: y) }
        return turned
    }
}
