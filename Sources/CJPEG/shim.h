// Asks libjpeg whether a file's data defines all its pixels. libvips passes on only the first of libjpeg's
// warnings, and only as text.
#pragma once
#include <stddef.h>
#include <stdio.h>
#include <setjmp.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

enum {
    /// Every scan that the file begins is complete to its last block. The end marker may be missing.
    MULTIRES_JPEG_WHOLE,
    /// Pixels are missing: the data ends early, at the end of the file or before a marker.
    MULTIRES_JPEG_MISSING,
    /// libjpeg cannot read the file.
    MULTIRES_JPEG_UNREADABLE,
};

typedef struct {
    struct jpeg_error_mgr manager;
    jmp_buf end;
    int verdict;
    /// libjpeg's message about the verdict.
    char message[JMSG_LENGTH_MAX];
} MultiresJPEGState;

static void multires_jpeg_end(j_common_ptr common, int verdict) {
    MultiresJPEGState *state = (MultiresJPEGState *)common->err;
    state->verdict = verdict;
    common->err->format_message(common, state->message);
    longjmp(state->end, 1);
}

static void multires_jpeg_error(j_common_ptr common) {
    multires_jpeg_end(common, MULTIRES_JPEG_UNREADABLE);
}

static void multires_jpeg_message(j_common_ptr common, int level) {
    // libjpeg reports missing blocks with this warning, even after other warnings.
    if (level < 0 && common->err->msg_code == JWRN_HIT_MARKER)
        multires_jpeg_end(common, MULTIRES_JPEG_MISSING);
}

/// Decodes at an eighth of the resolution, which reads all data but computes very little.
///
/// Returns one of the verdicts above. `message` gets libjpeg's message and must have room for
/// JMSG_LENGTH_MAX bytes.
static inline int multires_jpeg_check(
    const unsigned char *bytes, size_t count, char *message) {
    struct jpeg_decompress_struct jpeg;
    MultiresJPEGState state;
    memset(&jpeg, 0, sizeof jpeg);
    memset(&state, 0, sizeof state);
    jpeg.err = jpeg_std_error(&state.manager);
    state.manager.error_exit = multires_jpeg_error;
    state.manager.emit_message = multires_jpeg_message;
    if (setjmp(state.end) == 0) {
        jpeg_create_decompress(&jpeg);
        // After the last byte, this source returns an end marker at each read.
        jpeg_mem_src(&jpeg, bytes, count);
        jpeg_read_header(&jpeg, TRUE);
        jpeg.scale_num = 1;
        jpeg.scale_denom = 8;
        jpeg.dct_method = JDCT_IFAST;
        jpeg.do_fancy_upsampling = FALSE;
        jpeg.do_block_smoothing = FALSE;
        jpeg.out_color_space = jpeg.jpeg_color_space;
        jpeg_start_decompress(&jpeg);
        JSAMPARRAY row = jpeg.mem->alloc_sarray(
            (j_common_ptr)&jpeg, JPOOL_IMAGE,
            jpeg.output_width * (JDIMENSION)jpeg.output_components, 1);
        while (jpeg.output_scanline < jpeg.output_height) jpeg_read_scanlines(&jpeg, row, 1);
        jpeg_finish_decompress(&jpeg);
        state.verdict = MULTIRES_JPEG_WHOLE;
    }
    jpeg_destroy_decompress(&jpeg);
    memcpy(message, state.message, sizeof state.message);
    return state.verdict;
}
