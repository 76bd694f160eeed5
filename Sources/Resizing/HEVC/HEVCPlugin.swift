import CHEIF

/// Makes libheif decode HEVC with `HEVCDecoder`, in every image of a HEIC file.
enum HEVCPlugin {
    /// Call it once per process, after libvips has loaded libheif.
    static func register() throws(CodecError) {
        MarkedPlanes.install()
        guard multires_heif_register(make()).code == heif_error_Ok else {
            throw CodecError(message: "libheif does not accept a decoder for HEVC")
        }
    }

    /// The members that every version of libheif has. CHEIF adds those of later versions.
    private static func make() -> heif_decoder_plugin {
        var plugin = heif_decoder_plugin()
        plugin.get_plugin_name = { HEVCPlugin.text("libde265, strict") }
        // The priority; libheif's own decoder has 100.
        plugin.does_support_format = { $0 == heif_compression_HEVC ? 200 : 0 }
        plugin.new_decoder = { out in
            guard let decoder = HEVCDecoder() else { return HEVCPlugin.report(.outOfMemory) }
            out?.pointee = Unmanaged.passRetained(decoder).toOpaque()
            return HEVCPlugin.success
        }
        plugin.free_decoder = { $0.map { Unmanaged<HEVCDecoder>.fromOpaque($0).release() } }
        plugin.push_data = { decoder, data, count in
            let data = UnsafeRawBufferPointer(start: data, count: count)
            return HEVCPlugin.decoder(decoder)?.push(data) == true
                ? HEVCPlugin.success : HEVCPlugin.report(.damaged)
        }
        plugin.decode_image = { decoder, out in
            out?.pointee = nil
            do throws(HEVCFailure) {
                out?.pointee = try HEVCPlugin.decoder(decoder)?.decode()
                return HEVCPlugin.success
            } catch {
                return HEVCPlugin.report(error)
            }
        }
        plugin.set_strict_decoding = { _, _ in }
        plugin.id_name = text("multires")
        return plugin
    }

    private static func decoder(_ pointer: UnsafeMutableRawPointer?) -> HEVCDecoder? {
        pointer.map { Unmanaged<HEVCDecoder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static var success: heif_error {
        heif_error(
            code: heif_error_Ok, subcode: heif_suberror_Unspecified, message: text("Success"))
    }

    /// The messages are for the log, and for `CodecError.isOutOfMemory`.
    private static func report(_ failure: HEVCFailure) -> heif_error {
        switch failure {
        case .damaged:
            heif_error(
                code: heif_error_Decoder_plugin_error, subcode: heif_suberror_Unspecified,
                message: text("the HEVC stream does not define all pixels"))
        case .unsupported:
            heif_error(
                code: heif_error_Unsupported_feature,
                subcode: heif_suberror_Unsupported_color_conversion,
                message: text("channels have different depths"))
        case .outOfMemory:
            heif_error(
                code: heif_error_Memory_allocation_error, subcode: heif_suberror_Unspecified,
                message: text("out of memory"))
        }
    }

    private static func text(_ message: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(message.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
