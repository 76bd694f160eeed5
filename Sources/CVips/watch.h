// libvips 8.14's thread pool reads its error before its workers have ended (libvips pull request 4116,
// fixed in 8.15.4): with two or more threads, a failure in the last piece of work is reported as success.
// So this operation, which copies nothing, records every failure of the image that it passes on. Read the
// record after the pool has returned: the pool waits for its workers before that, so none is missed.
#pragma once
#include <vips/vips.h>

#define MULTIRES_WATCH "multires-watch"

static int multires_watch_generate(
    VipsRegion *out, void *sequence, void *in, void *failures, gboolean *stop) {
    VipsRegion *region = (VipsRegion *)sequence;
    if (vips_region_prepare(region, &out->valid)
        || vips_region_region(out, region, &out->valid, out->valid.left, out->valid.top)) {
        g_atomic_int_inc((gint *)failures);
        return -1;
    }
    return 0;
}

/// Passes on the pixels of `in` and records failures for `multires_watch_failed`.
static inline int multires_watch(VipsImage *in, VipsImage **out) {
    VipsImage *image = vips_image_new();
    gint *failures = g_new0(gint, 1);
    g_object_set_data_full(G_OBJECT(image), MULTIRES_WATCH, failures, g_free);
    g_object_ref(in);
    vips_object_local(image, in);
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL)
        || vips_image_generate(
            image, vips_start_one, multires_watch_generate, vips_stop_one, in, failures)) {
        g_object_unref(image);
        return -1;
    }
    *out = image;
    return 0;
}

/// Whether reading a watched image has failed anywhere so far.
static inline int multires_watch_failed(VipsImage *watched) {
    return g_atomic_int_get((gint *)g_object_get_data(G_OBJECT(watched), MULTIRES_WATCH)) != 0;
}
