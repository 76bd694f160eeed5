import CDE265
import CHEIF

/// Decodes one HEVC stream with libde265, as libheif 1.15.1 does (heif_decoder_libde265.cc), except for a
/// damaged stream: libheif ignores errors that libde265 reports, and shows uninitialized memory where slices
/// are missing.
final class HEVCDecoder {
    private let context: UnsafeMutableRawPointer

    /// Nil if libde265 cannot create a decoder. Does not start the thread that libheif starts for each
    /// decoder: without it, libde265 1.0.11 filters each image in place, which keeps the marks.
    init?() {
        guard let context = de265_new_decoder() else { return nil }
        self.context = context
        de265_set_parameter_bool(context, DE265_DECODER_PARAM_SUPPRESS_FAULTY_PICTURES, 1)
    }

    deinit {
        de265_free_decoder(context)
    }

    /// Adds network abstraction layer units, each after its length in four bytes. False if one is cut off.
    func push(_ data: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position < data.count {
            guard data.count - position >= 4 else { return false }
            let length = Int(
                UInt32(bigEndian: data.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            position += 4
            guard length <= data.count - position else { return false }
            de265_push_NAL(
                context, data.baseAddress.map { $0 + position }, Int32(clamping: length), 0, nil)
            position += length
        }
        return true
    }

    /// The last image of the stream, which the caller must release.
    func decode() throws(HEVCFailure) -> OpaquePointer {
        de265_flush_data(context)
        var decoded: OpaquePointer?
        var more: Int32 = 1
        while more != 0 {
            more = 0
            let result = de265_decode(context, &more)
            guard result == DE265_OK else {
                guard result != DE265_ERROR_OUT_OF_MEMORY else {
                    heif_image_release(decoded)
                    throw .outOfMemory
                }
                break
            }
            guard let image = de265_get_next_picture(context) else { continue }
            heif_image_release(decoded)
            decoded = nil
            // Nil with a version of libde265 that allocates in another way: intact photos must not fail then.
            if let planes = MarkedPlanes.of(image), !planes.areDefined { throw .damaged }
            decoded = try Self.copy(image)
            de265_release_next_picture(context)
        }
        guard let decoded else { throw .damaged }
        return decoded
    }

    /// A grey image gets colour planes without colour: libheif does not widen limited range in an image that has
    /// only luma (1.15.1 to 1.23).
    private static func copy(_ image: OpaquePointer) throws(HEVCFailure) -> OpaquePointer {
        let chroma = de265_get_chroma_format(image)
        let isGrey = chroma == de265_chroma_mono
        var copy: OpaquePointer?
        try check(
            heif_image_create(
                de265_get_image_width(image, 0), de265_get_image_height(image, 0),
                heif_colorspace_YCbCr,
                isGrey ? heif_chroma_420 : heif_chroma(chroma.rawValue), &copy))
        guard let copy else { throw .outOfMemory }
        do throws(HEVCFailure) {
            try copyPlane(0, of: image, to: copy, as: heif_channel_Y)
            for (index, channel) in zip(Int32(1)..., [heif_channel_Cb, heif_channel_Cr]) {
                if isGrey {
                    try addGreyPlane(beside: image, to: copy, as: channel)
                } else {
                    try copyPlane(index, of: image, to: copy, as: channel)
                }
            }
            try setColours(of: image, to: copy)
        } catch {
            heif_image_release(copy)
            throw error
        }
        return copy
    }

    private static func copyPlane(
        _ index: Int32, of image: OpaquePointer, to copy: OpaquePointer, as channel: heif_channel
    ) throws(HEVCFailure) {
        let depth = de265_get_bits_per_pixel(image, index)
        guard depth == de265_get_bits_per_pixel(image, 0) else { throw .unsupported }
        let width = de265_get_image_width(image, index)
        let height = de265_get_image_height(image, index)
        guard width > 0, height > 0 else { throw .damaged }
        try check(heif_image_add_plane(copy, channel, width, height, depth))
        var (rowFrom, rowTo): (Int32, Int32) = (0, 0)
        guard let from = de265_get_image_plane(image, index, &rowFrom),
            let to = heif_image_get_plane(copy, channel, &rowTo)
        else { throw .outOfMemory }
        for row in 0..<Int(height) {
            UnsafeMutableRawPointer(to + row * Int(rowTo)).copyMemory(
                from: from + row * Int(rowFrom), byteCount: Int(width) * (depth > 8 ? 2 : 1))
        }
    }

    /// A colour plane of 4:2:0 without colour.
    private static func addGreyPlane(
        beside image: OpaquePointer, to copy: OpaquePointer, as channel: heif_channel
    ) throws(HEVCFailure) {
        let depth = de265_get_bits_per_pixel(image, 0)
        let width = (de265_get_image_width(image, 0) + 1) / 2
        let height = (de265_get_image_height(image, 0) + 1) / 2
        try check(heif_image_add_plane(copy, channel, width, height, depth))
        var stride: Int32 = 0
        guard let plane = heif_image_get_plane(copy, channel, &stride) else { throw .outOfMemory }
        for row in 0..<Int(height) {
            let start = UnsafeMutableRawPointer(plane + row * Int(stride))
            if depth > 8 {
                start.initializeMemory(
                    as: UInt16.self, repeating: 1 << UInt16(depth - 1), count: Int(width))
            } else {
                start.initializeMemory(as: UInt8.self, repeating: 128, count: Int(width))
            }
        }
    }

    /// Values that libheif does not know stay unspecified.
    private static func setColours(
        of image: OpaquePointer, to copy: OpaquePointer
    ) throws(HEVCFailure) {
        guard let colours = heif_nclx_color_profile_alloc() else { throw .outOfMemory }
        defer { heif_nclx_color_profile_free(colours) }
        _ = heif_nclx_color_profile_set_color_primaries(
            colours, UInt16(truncatingIfNeeded: de265_get_image_colour_primaries(image)))
        _ = heif_nclx_color_profile_set_transfer_characteristics(
            colours, UInt16(truncatingIfNeeded: de265_get_image_transfer_characteristics(image)))
        // A grey image may claim any matrix, but that for RGB would make it green.
        let isGrey = de265_get_chroma_format(image) == de265_chroma_mono
        _ = heif_nclx_color_profile_set_matrix_coefficients(
            colours,
            isGrey ? 2 : UInt16(truncatingIfNeeded: de265_get_image_matrix_coefficients(image)))
        colours.pointee.full_range_flag = de265_get_image_full_range_flag(image) != 0 ? 1 : 0
        try check(heif_image_set_nclx_color_profile(copy, colours))
    }

    private static func check(_ result: heif_error) throws(HEVCFailure) {
        guard result.code == heif_error_Ok else {
            throw result.code == heif_error_Memory_allocation_error ? .outOfMemory : .damaged
        }
    }
}

enum HEVCFailure: Error {
    case damaged, unsupported, outOfMemory
}
