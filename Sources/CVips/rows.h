// Images whose pixels a function of this program computes, row by row, when libvips needs them.
#pragma once
#include <string.h>
#include <vips/vips.h>

/// Writes rows `top` to `top + count` of a source, in full width, each `stride` bytes after the previous one.
/// 0, or -1 after an error.
typedef int (*multires_write_rows)(void *source, int top, int count, void *to, size_t stride);

/// Converts `width` pixels. Several threads call it at the same time.
typedef void (*multires_convert_row)(const void *context, const void *from, void *to, int width);

/// A function and the object that it needs. The image owns both.
typedef struct multires_rows {
    multires_write_rows write;
    multires_convert_row convert;
    void *object;
    GDestroyNotify release;
} multires_rows;

static void multires_rows_free(void *pointer) {
    multires_rows *rows = (multires_rows *)pointer;
    rows->release(rows->object);
    g_free(rows);
}

static int multires_source_generate(
    VipsRegion *out, void *sequence, void *unused, void *pointer, gboolean *stop) {
    multires_rows *rows = (multires_rows *)pointer;
    VipsRect *part = &out->valid;
    if (part->width != out->im->Xsize) {
        vips_error("rows", "a part of a row was requested");
        return -1;
    }
    if (!rows->write(
            rows->object, part->top, part->height, VIPS_REGION_ADDR(out, part->left, part->top),
            VIPS_REGION_LSKIP(out)))
        return 0;
    vips_error("rows", "the rows could not be computed");
    return -1;
}

static int multires_convert_generate(
    VipsRegion *out, void *sequence, void *unused, void *pointer, gboolean *stop) {
    multires_rows *rows = (multires_rows *)pointer;
    VipsRegion *in = (VipsRegion *)sequence;
    VipsRect *part = &out->valid;
    if (vips_region_prepare(in, part)) return -1;
    for (int y = part->top; y < part->top + part->height; y++)
        rows->convert(
            rows->object, VIPS_REGION_ADDR(in, part->left, y), VIPS_REGION_ADDR(out, part->left, y),
            part->width);
    return 0;
}

/// An image of 8 or 16 bits per channel whose rows `write` computes. It can only be read in full width, from
/// top to bottom. `release` frees `source`, also after an error. NULL after an error.
static inline VipsImage *multires_source(
    int width, int height, int bands, gboolean is_deep, multires_write_rows write, void *source,
    GDestroyNotify release) {
    VipsImage *image = vips_image_new();
    multires_rows *rows = g_new0(multires_rows, 1);
    *rows = (multires_rows){write, NULL, source, release};
    g_object_set_data_full(G_OBJECT(image), "multires-rows", rows, multires_rows_free);
    vips_image_init_fields(
        image, width, height, bands, is_deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR,
        VIPS_CODING_NONE,
        bands < 3 ? (is_deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                  : (is_deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB),
        1, 1);
    if (!vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, NULL)
        && !vips_image_generate(image, NULL, multires_source_generate, NULL, NULL, rows))
        return image;
    g_object_unref(image);
    return NULL;
}

/// The pixels of `in` after `convert`: 8 bits per channel in `bands` bands, grey or sRGB. `release` frees
/// `context`, also after an error.
static inline int multires_convert(
    VipsImage *in, VipsImage **out, int bands, multires_convert_row convert, void *context,
    GDestroyNotify release) {
    VipsImage *image = vips_image_new();
    multires_rows *rows = g_new0(multires_rows, 1);
    *rows = (multires_rows){NULL, convert, context, release};
    g_object_set_data_full(G_OBJECT(image), "multires-rows", rows, multires_rows_free);
    g_object_ref(in);
    vips_object_local(image, in);
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL)) goto failed;
    image->Bands = bands;
    image->BandFmt = VIPS_FORMAT_UCHAR;
    image->Type = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    if (!vips_image_generate(
            image, vips_start_one, multires_convert_generate, vips_stop_one, in, rows)) {
        *out = image;
        return 0;
    }
failed:
    g_object_unref(image);
    return -1;
}
