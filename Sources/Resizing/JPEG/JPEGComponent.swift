import CJPEG
import Model

/// A component that is being decoded. It keeps only the rows that were decoded last.
final class JPEGComponent {
    /// In samples, after shrinking.
    let size: PixelSize
    /// How many pixels of the image a sample covers.
    let pixelsPerSample: (across: Double, down: Double)
    /// The rows that are decoded at once, those of a row of MCUs.
    private let rowsAtOnce: Int
    private let stride: Int
    /// Row y is at y modulo the number of rows.
    private var rows: SampleMemory
    private var rowCount: Int
    /// The addresses of the rows that are decoded next.
    private let next: UnsafeMutablePointer<JSAMPROW?>
    /// How many times rows have been decoded.
    private var times = 0

    init(
        _ component: jpeg_component_info, of jpeg: jpeg_decompress_struct
    ) throws(CodecError) {
        let blockSide = component.DCT_scaled_size
        size = PixelSize(
            width: Int(component.downsampled_width), height: Int(component.downsampled_height))
        pixelsPerSample = (
            Double(jpeg.max_h_samp_factor * DCTSIZE) / Double(component.h_samp_factor * blockSide),
            Double(jpeg.max_v_samp_factor * DCTSIZE) / Double(component.v_samp_factor * blockSide)
        )
        rowsAtOnce = Int(component.v_samp_factor * blockSide)
        stride = Int(component.width_in_blocks) * Int(DCTSIZE) + Plane.slack
        rowCount = rowsAtOnce
        rows = try SampleMemory(rowCount * stride)
        next = .allocate(capacity: rowsAtOnce)
        next.initialize(repeating: nil, count: rowsAtOnce)
    }

    deinit { next.deallocate() }

    /// How many rows of `size` have been decoded.
    var decoded: Int { min(times * rowsAtOnce, size.height) }

    /// Keeps at least the last `count` rows. Call it before the first is decoded.
    func keep(rows count: Int) throws(CodecError) {
        rowCount = count + rowsAtOnce
        rows = try SampleMemory(rowCount * stride)
    }

    /// One of the kept rows. It may be read up to `Plane.slack` samples beyond its end.
    func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
        rows.start + y % rowCount * stride
    }

    /// Where a decoder must put the next rows, before `countNextRows`.
    func addressesOfNextRows() -> JSAMPARRAY {
        for index in 0..<rowsAtOnce { next[index] = row(times * rowsAtOnce + index) }
        return next
    }

    func countNextRows() { times += 1 }
}
