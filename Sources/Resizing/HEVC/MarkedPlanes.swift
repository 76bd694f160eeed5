import CDE265
import Glibc

/// The memory of one image that libde265 decodes. Every block of 8 x 8 luma samples, the smallest that
/// HEVC codes, has a mark in its middle before decoding. A mark that is still there afterwards shows a
/// block that the stream does not define: libde265 does not report missing slices.
final class MarkedPlanes {
    /// Call it once per process, before the first decoder is created. A decoder can have its own allocation
    /// functions, but libde265 1.0.11 does not use them for a stream with sample adaptive offset. So this
    /// replaces its default functions, which are constant only for callers. Tests detect a version in which
    /// this has no effect, because damaged files pass then.
    static func install() {
        UnsafeMutablePointer(mutating: de265_get_default_image_allocation_functions())?
            .pointee = functions
    }

    /// The first plane of an image owns its `MarkedPlanes`.
    private static let functions = de265_image_allocation(
        get_buffer: { _, specification, image, _ in
            guard let specification = specification?.pointee, let image,
                let planes = MarkedPlanes(image, specification)
            else { return 0 }
            planes.give(to: image)
            return 1
        },
        release_buffer: { _, image, _ in
            guard let owner = de265_get_image_plane_user_data(image, 0) else { return }
            Unmanaged<MarkedPlanes>.fromOpaque(owner).release()
        })

    /// Nil for an image that was allocated in another way.
    static func of(_ image: OpaquePointer) -> MarkedPlanes? {
        de265_get_image_plane_user_data(image, 0).map {
            Unmanaged<MarkedPlanes>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static let side = 8
    /// Deblocking changes up to three samples on each side of a decoded block's edge (ITU-T H.265,
    /// 8.7.2.5), and slices consist of blocks of at least 16 x 16, so these four rows and columns do not
    /// change.
    private static let middle = 4..<8

    private let planes: [(memory: UnsafeMutableRawPointer, stride: Int)]
    private let width: Int
    private let height: Int
    private let sampleBytes: Int
    /// The bits that two or four adjacent samples may have. libde265 uses samples as indices, so none may
    /// have more bits than the stream declares.
    private let mask: UInt32

    /// Nil if memory is short.
    private init?(_ image: OpaquePointer, _ specification: de265_image_spec) {
        width = Int(specification.width)
        height = Int(specification.height)
        let depth = de265_get_bits_per_pixel(image, 0)
        sampleBytes = depth > 8 ? 2 : 1
        mask = depth > 8 ? (1 << UInt32(depth) - 1) * 0x1_0001 : .max
        let chroma = de265_get_chroma_format(image)
        let isHalfWide = chroma == de265_chroma_420 || chroma == de265_chroma_422
        let isHalfHigh = chroma == de265_chroma_420
        var planes: [(memory: UnsafeMutableRawPointer, stride: Int)] = []
        for channel in 0..<(chroma == de265_chroma_mono ? 1 : 3) as Range<Int32> {
            let columns = channel > 0 && isHalfWide ? width / 2 : width
            let rows = channel > 0 && isHalfHigh ? height / 2 : height
            let bytes = de265_get_bits_per_pixel(image, channel) > 8 ? 2 : 1
            let stride = (columns + 15) / 16 * 16 * bytes
            var memory: UnsafeMutableRawPointer?
            // libde265's vector code reads up to 16 bytes beyond a plane.
            guard posix_memalign(&memory, 16, stride * rows + 16) == 0, let memory else {
                for plane in planes { free(plane.memory) }
                return nil
            }
            planes.append((memory, stride))
        }
        self.planes = planes
        forEachBlock { column, row in
            for line in Self.middle {
                place(column, row + line).storeBytes(
                    of: mark(column, row + line), as: UInt32.self)
            }
            return true
        }
    }

    deinit {
        for plane in planes { free(plane.memory) }
    }

    /// Whether every block was decoded.
    var areDefined: Bool {
        forEachBlock { column, row in
            Self.middle.contains { line in
                place(column, row + line).load(as: UInt32.self) != mark(column, row + line)
            }
        }
    }

    private func give(to image: OpaquePointer) {
        let owner = Unmanaged.passRetained(self).toOpaque()
        for channel in 0..<3 {
            let plane = channel < planes.count ? planes[channel] : nil
            de265_set_image_plane(
                image, Int32(channel), plane?.memory, Int32(plane?.stride ?? 0),
                channel == 0 ? owner : nil)
        }
    }

    /// Stops when `body` returns false, and returns false then.
    @discardableResult
    private func forEachBlock(_ body: (_ column: Int, _ row: Int) -> Bool) -> Bool {
        for row in stride(from: 0, through: height - Self.side, by: Self.side) {
            for column in stride(from: 0, through: width - Self.side, by: Self.side)
            where !body(column, row) {
                return false
            }
        }
        return true
    }

    private func place(_ column: Int, _ row: Int) -> UnsafeMutableRawPointer {
        planes[0].memory
            + (row * planes[0].stride + (column + Self.middle.lowerBound) * sampleBytes)
    }

    /// A value that an image practically never has there: 128 bits per block, or 80 if samples have ten bits.
    private func mark(_ column: Int, _ row: Int) -> UInt32 {
        var value = UInt32(truncatingIfNeeded: column) &* 0x9E37_79B1
        value ^= UInt32(truncatingIfNeeded: row) &* 0x85EB_CA77
        value = (value ^ value >> 15) &* 0x2C1B_3C6D
        value = (value ^ value >> 12) &* 0x297A_2D39
        return (value ^ value >> 15) & mask
    }
}
