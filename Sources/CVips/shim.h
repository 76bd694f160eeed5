// libvips' operations are variadic, which Swift cannot call: one inline wrapper each, with the
// options that every call of ours shares. All return 0, or -1 with words in vips_error_buffer().
#pragma once
#include <malloc.h>
#include <vips/vips.h>
#include "watch.h"

/// One malloc arena for all threads, and large blocks outside of it, so that no image leaves much there
/// for the next one: otherwise the size from which blocks are outside grows to 32 MB (mallopt(3)). Before
/// the first thread starts.
static inline void multires_use_one_heap(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

// Loaders read the header; pixels follow when they are asked for, from top to bottom. FAIL_ON_TRUNCATED
// refuses missing data, yet takes what libjpeg merely warns of (stray bytes before a marker, an odd
// Huffman code) and every browser shows.
#define MULTIRES_LOAD "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED

/// `shrink` is 1, 2, 4 or 8: libjpeg then decodes that much smaller, and faster.
static inline int multires_jpegload(const char *path, VipsImage **out, int shrink) {
    return vips_jpegload(path, out, "shrink", shrink, MULTIRES_LOAD, NULL);
}

static inline int multires_pngload(const char *path, VipsImage **out) {
    return vips_pngload(path, out, MULTIRES_LOAD, NULL);
}

/// `pages` is 1, or -1 for all of them, one below the other. `shrink` is as for JPEG; an animation
/// whose frames do not all fill the canvas ignores it.
static inline int multires_webpload(const char *path, VipsImage **out, int pages, int shrink) {
    return vips_webpload(path, out, "n", pages, "scale", 1.0 / shrink, MULTIRES_LOAD, NULL);
}

/// `pages` is 1, or -1 for all of them, one below the other.
static inline int multires_gifload(const char *path, VipsImage **out, int pages) {
    return vips_gifload(path, out, "n", pages, MULTIRES_LOAD, NULL);
}

static inline int multires_heifload(const char *path, VipsImage **out) {
    return vips_heifload(path, out, MULTIRES_LOAD, NULL);
}

// The same from bytes that stay where they are as long as the image is read.

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

static inline int multires_gifload_bytes(
    const void *bytes, size_t count, VipsImage **out, int pages) {
    return vips_gifload_buffer((void *)bytes, count, out, "n", pages, MULTIRES_LOAD, NULL);
}

/// Keeps the rows that were read last, so that reading can be taken up again where it ended. Loaders
/// decode 8 or 16 rows at a time and otherwise forget those that nobody asked for yet.
static inline int multires_linecache(VipsImage *in, VipsImage **out) {
    return vips_linecache(
        in, out, "tile_height", 16, "access", VIPS_ACCESS_SEQUENTIAL, "persistent", TRUE, NULL);
}

static inline int multires_extract_area(
    VipsImage *in, VipsImage **out, int left, int top, int width, int height) {
    return vips_extract_area(in, out, left, top, width, height, NULL);
}

/// One image below the other.
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

/// The upper half of 16-bit channels; `space` is what the result is.
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

/// From the embedded profile, or libvips' own CMYK or sRGB where there is none, to 8-bit sRGB.
static inline int multires_icc_transform(VipsImage *in, VipsImage **out) {
    return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "depth", 8, NULL);
}

static inline int multires_colourspace(
    VipsImage *in, VipsImage **out, VipsInterpretation space) {
    return vips_colourspace(in, out, space, NULL);
}

/// Composes over white.
static inline int multires_flatten(VipsImage *in, VipsImage **out) {
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    int result = vips_flatten(in, out, "background", white, NULL);
    vips_area_unref(VIPS_AREA(white));
    return result;
}

static inline int multires_copy(VipsImage *in, VipsImage **out) {
    return vips_copy(in, out, NULL);
}

// Savers write into memory that is the caller's to g_free.

static inline int multires_jpegsave(VipsImage *in, void **bytes, size_t *count, int quality) {
    return vips_jpegsave_buffer(in, bytes, count, "Q", quality, "strip", TRUE, NULL);
}

/// The Paeth filter: without one, which is libvips' default, photographs are half as large again.
static inline int multires_pngsave(VipsImage *in, void **bytes, size_t *count, int compression) {
    return vips_pngsave_buffer(
        in, bytes, count, "compression", compression, "filter", VIPS_FOREIGN_PNG_FILTER_PAETH,
        "strip", TRUE, NULL);
}

static inline int multires_webpsave(
    VipsImage *in, void **bytes, size_t *count, int quality, int effort) {
    return vips_webpsave_buffer(in, bytes, count, "Q", quality, "effort", effort, NULL);
}

/// Half of libvips' dithering: closer to the picture (37.4 against 36.1 dB), smaller and quicker.
static inline int multires_gifsave(VipsImage *in, void **bytes, size_t *count, int effort) {
    return vips_gifsave_buffer(
        in, bytes, count, "effort", effort, "dither", 0.5, "strip", TRUE, NULL);
}

static inline int multires_avifsave(
    VipsImage *in, void **bytes, size_t *count, int quality, int effort) {
    return vips_heifsave_buffer(
        in, bytes, count, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", quality, "effort",
        effort, "bitdepth", 8, "strip", TRUE, NULL);
}
