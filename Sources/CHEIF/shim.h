#pragma once
#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

/// The registered plugin. It is static because libheif keeps its address.
static inline struct heif_decoder_plugin *multires_heif_plugin(void) {
    static struct heif_decoder_plugin plugin;
    return &plugin;
}

#if LIBHEIF_HAVE_VERSION(1, 21, 0)
// libheif 1.21 (Debian 13) and later call only these functions, of version 5 of the plugin interface.
// Version 5 decodes an image in the same steps as version 3, so they call the functions of version 3.

static inline heif_error multires_heif_new_decoder(
    void **decoder, const heif_decoder_plugin_options *options) {
    return multires_heif_plugin()->new_decoder(decoder);
}

static inline heif_error multires_heif_push_data(
    void *decoder, const void *data, size_t size, uintptr_t user_data) {
    return multires_heif_plugin()->push_data(decoder, data, size);
}

static inline heif_error multires_heif_flush_data(void *decoder) {
    return (heif_error){heif_error_Ok, heif_suberror_Unspecified, "Success"};
}

static inline heif_error multires_heif_decode_next_image(
    void *decoder, heif_image **image, uintptr_t *user_data, const heif_security_limits *limits) {
    return multires_heif_plugin()->decode_image(decoder, image);
}

static inline int multires_heif_supports(
    const heif_decoder_plugin_compressed_format_description *description) {
    return multires_heif_plugin()->does_support_format(description->format);
}
#endif

/// Registers a decoder, which must have all members of version 3. Call it once per process.
static inline struct heif_error multires_heif_register(struct heif_decoder_plugin decoder) {
    struct heif_decoder_plugin *plugin = multires_heif_plugin();
    *plugin = decoder;
    plugin->plugin_api_version = 3;
#if LIBHEIF_HAVE_VERSION(1, 21, 0)
    plugin->plugin_api_version = 5;
    plugin->minimum_required_libheif_version = LIBHEIF_MAKE_VERSION(1, 21, 0);
    plugin->does_support_format2 = multires_heif_supports;
    plugin->new_decoder2 = multires_heif_new_decoder;
    plugin->push_data2 = multires_heif_push_data;
    plugin->flush_data = multires_heif_flush_data;
    plugin->decode_next_image2 = multires_heif_decode_next_image;
#endif
    return heif_register_decoder_plugin(plugin);
}
