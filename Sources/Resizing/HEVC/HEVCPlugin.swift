import CHEIF

/// Makes libheif decode HEVC by `HEVCDecoder`, in every image of a HEIC file.
enum HEVCPlugin {
    /// Once per process, after libvips has loaded libheif.
    static func register() throws(Vips.Failure) {
        MarkedPlanes.install()
        // libheif keeps the address.
        let plugin = UnsafeMutablePointer<heif_decoder_plugin>.allocate(capacity: 1)
        plugin.initialize(to: make())
        guard heif_register_decoder_plugin(plugin).code == heif_error_Ok else {
            throw Vips.Failure(words: "libheif takes no decoder for HEVC")
        }
    }

    private static func make() -> heif_decoder_plugin {
        heif_decoder_plugin(
            plugin_api_version: 3,
            get_plugin_name: { HEVCPlugin.text("libde265, strict") },
            init_plugin: nil, deinit_plugin: nil,
            // libheif's own has 100.
            does_support_format: { $0 == heif_compression_HEVC ? 200 : 0 },
            new_decoder: { out in
                guard let decoder = HEVCDecoder() else { return HEVCPlugin.report(.outOfMemory) }
                out?.pointee = Unmanaged.passRetained(decoder).toOpaque()
                return HEVCPlugin.success
            },
            free_decoder: { $0.map { Unmanaged<HEVCDecoder>.fromOpaque($0).release() } },
            push_data: { decoder, data, count in
                let data = UnsafeRawBufferPointer(start: data, count: count)
                return HEVCPlugin.decoder(decoder)?.push(data) == true
                    ? HEVCPlugin.success : HEVCPlugin.report(.damaged)
            },
            decode_image: { decoder, out in
                out?.pointee = nil
                do throws(HEVCFailure) {
                    out?.pointee = try HEVCPlugin.decoder(decoder)?.decode()
                    return HEVCPlugin.success
                } catch {
                    return HEVCPlugin.report(error)
                }
            },
            set_strict_decoding: { _, _ in },
            id_name: text("multires"))
    }

    private static func decoder(_ pointer: UnsafeMutableRawPointer?) -> HEVCDecoder? {
        pointer.map { Unmanaged<HEVCDecoder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static var success: heif_error {
        heif_error(
            code: heif_error_Ok, subcode: heif_suberror_Unspecified, message: text("Success"))
    }

    /// The words are for the log, and for `Vips.Failure.isOutOfMemory`.
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
                message: text("channels of several depths"))
        case .outOfMemory:
            heif_error(
                code: heif_error_Memory_allocation_error, subcode: heif_suberror_Unspecified,
                message: text("out of memory"))
        }
    }

    private static func text(_ words: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
