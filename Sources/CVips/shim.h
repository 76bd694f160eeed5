// libvips' operations are variadic functions, which Swift cannot call. Each has an inline wrapper here,
// with the options that all our calls share. All return 0, or -1 with a message in vips_error_buffer().
#pragma once
#include <malloc.h>
#include <gmodule.h>
#include <vips/vips.h>
#include "rows.h"
#include "watch.h"

/// Uses one malloc arena for all threads, and places blocks from 4 MB on outside of it, so that no image
/// leaves much memory there: by default glibc raises that threshold up to 32 MB (mallopt(3)). Call it
/// before the first thread starts. Up to 8 MB stay in the heap, so that the frames of an animation do not each
/// get new pages from the kernel.
static inline void multires_use_one_heap(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

// Loaders read only the header. They decode pixels on demand, from top to bottom. FAIL_ON_TRUNCATED
// refuses missing data, but accepts what libjpeg only warns about (stray bytes before a marker, an odd
// Huffman code) and every browser shows.
#define MULTIRES_LOAD "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED

/// `shrink` is 1, 2, 4 or 8: libjpeg divides width and height by it while decoding, which is faster.
static inline int multires_jpegload(const char *path, VipsImage **out, int shrink) {
    return vips_jpegload(path, out, "shrink", shrink, MULTIRES_LOAD, NULL);
}

static inline int multires_pngload(const char *path, VipsImage **out) {
    return vips_pngload(path, out, MULTIRES_LOAD, NULL);
}

/// `pages` is 1, or -1 for all pages, stacked vertically. `shrink` is as for JPEG; it is ignored for an
/// animation whose frames do not all fill the canvas.
static inline int multires_webpload(const char *path, VipsImage **out, int pages, int shrink) {
    return vips_webpload(path, out, "n", pages, "scale", 1.0 / shrink, MULTIRES_LOAD, NULL);
}

static inline int multires_heifload(const char *path, VipsImage **out) {
    return vips_heifload(path, out, MULTIRES_LOAD, NULL);
}

// The same from bytes in memory. They must stay there until the image has been read.

static inline int multires_jpegload_bytes(
    const void *bytes, size_t count, VipsImage **out, int shrink) {
    return vips_jpegload_buffer((void *)bytes, count, out, "shrink", shrink, MULTIRES_LOAD, NULL);
}

static inline int multires_pngload_bytes(const void *bytes, size_t count, VipsImage **out) {
    return vips_pngload_buffer((void *)bytes, count, out, MULTIRES_LOAD, NULL);
}

static inline int multires_webpload_bytes(
    const void *bytes, size_t count, VipsImage **out, int pages, int shrink) {
    return vips_webpload_buffer(
        (void *)bytes, count, out, "n", pages, "scale", 1.0 / shrink, MULTIRES_LOAD, NULL);
}

/// Caches the rows that were read last, so that the next read can continue where the last one stopped.
/// Loaders decode 8 or 16 rows at a time, and otherwise discard those that were not requested yet.
static inline int multires_linecache(VipsImage *in, VipsImage **out) {
    return vips_linecache(
        in, out, "tile_height", 16, "access", VIPS_ACCESS_SEQUENTIAL, "persistent", TRUE, NULL);
}

static inline int multires_extract_area(
    VipsImage *in, VipsImage **out, int left, int top, int width, int height) {
    return vips_extract_area(in, out, left, top, width, height, NULL);
}

/// An image at a place on a transparent canvas.
static inline int multires_place(
    VipsImage *in, VipsImage **out, int left, int top, int width, int height) {
    VipsImage *alpha = in;
    if (vips_image_hasalpha(in))
        g_object_ref(in);
    else if (vips_addalpha(in, &alpha, NULL))
        return -1;
    int result = vips_embed(alpha, out, left, top, width, height, NULL);
    g_object_unref(alpha);
    return result;
}

/// Stacks images vertically.
static inline int multires_arrayjoin(VipsImage **in, VipsImage **out, int count) {
    return vips_arrayjoin(in, out, count, "across", 1, NULL);
}

static inline int multires_resize(
    VipsImage *in, VipsImage **out, double across, double down, VipsKernel kernel) {
    return vips_resize(in, out, across, "vscale", down, "kernel", kernel, NULL);
}

static inline int multires_premultiply(VipsImage *in, VipsImage **out) {
    return vips_premultiply(in, out, NULL);
}

static inline int multires_unpremultiply(VipsImage *in, VipsImage **out) {
    return vips_unpremultiply(in, out, NULL);
}

static inline int multires_cast(VipsImage *in, VipsImage **out, VipsBandFormat format) {
    return vips_cast(in, out, format, NULL);
}

/// The upper 8 bits of 16-bit channels. `space` is the colour space of the result.
static inline int multires_most_significant_byte(
    VipsImage *in, VipsImage **out, VipsInterpretation space) {
    VipsImage *bytes;
    if (vips_msb(in, &bytes, NULL)) return -1;
    int result = vips_copy(bytes, out, "interpretation", space, NULL);
    g_object_unref(bytes);
    return result;
}

static inline int multires_autorot(VipsImage *in, VipsImage **out) {
    return vips_autorot(in, out, NULL);
}

/// Converts to 8-bit sRGB from the embedded profile.
static inline int multires_icc_transform(VipsImage *in, VipsImage **out, VipsIntent intent) {
    return vips_icc_transform(
        in, out, "srgb", "embedded", TRUE, "depth", 8, "intent", intent, NULL);
}

/// Composites over white.
static inline int multires_flatten(VipsImage *in, VipsImage **out) {
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    int result = vips_flatten(in, out, "background", white, NULL);
    vips_area_unref(VIPS_AREA(white));
    return result;
}

static inline int multires_copy(VipsImage *in, VipsImage **out) {
    return vips_copy(in, out, NULL);
}

/// An image in memory with 8 bits per channel: one or two bands are grey, more are sRGB. NULL after an error.
static inline VipsImage *multires_memory(int width, int height, int bands) {
    VipsImage *image = vips_image_new_memory();
    vips_image_init_fields(
        image, width, height, bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
        bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, 1, 1);
    if (!vips_image_pipelinev(image, VIPS_DEMAND_STYLE_ANY, NULL) &&
        !vips_image_write_prepare(image))
        return image;
    g_object_unref(image);
    return NULL;
}

// Savers allocate the file's memory, which the caller must g_free.

static inline int multires_jpegsave(
    VipsImage *in, void **bytes, size_t *count, int quality, VipsForeignSubsample chroma) {
    return vips_jpegsave_buffer(
        in, bytes, count, "Q", quality, "subsample_mode", chroma, "strip", TRUE, NULL);
}

/// With the Paeth filter. Without a filter, which is libvips' default, photos are 50% larger.
static inline int multires_pngsave(VipsImage *in, void **bytes, size_t *count, int compression) {
    return vips_pngsave_buffer(
        in, bytes, count, "compression", compression, "filter", VIPS_FOREIGN_PNG_FILTER_PAETH,
        "strip", TRUE, NULL);
}

static inline int multires_webpsave(
    VipsImage *in, void **bytes, size_t *count, int quality, int effort) {
    return vips_webpsave_buffer(in, bytes, count, "Q", quality, "effort", effort, NULL);
}

static inline int multires_avifsave(
    VipsImage *in, void **bytes, size_t *count, int quality, int effort,
    VipsForeignSubsample chroma) {
    return vips_heifsave_buffer(
        in, bytes, count, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", quality, "effort",
        effort, "bitdepth", 8, "subsample_mode", chroma, "strip", TRUE, NULL);
}
