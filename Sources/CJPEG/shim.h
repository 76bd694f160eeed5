// libjpeg reports an error by calling a function that must not return. It may not jump over a Swift frame,
// so each call that can fail has a wrapper here with a setjmp of its own. The wrappers return 0, or -1 with
// libjpeg's message in the error.
#pragma once
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

/// Not inline, because a function that calls setjmp keeps its variables in memory.
#define MULTIRES_JPEG_CALL static __attribute__((noinline, unused)) int

typedef struct {
    /// Its first member, because libjpeg passes on this pointer.
    struct jpeg_error_mgr manager;
    jmp_buf call;
    char message[JMSG_LENGTH_MAX];
} MultiresJPEGError;

static inline void multires_jpeg_fail(j_common_ptr jpeg) {
    MultiresJPEGError *error = (MultiresJPEGError *)jpeg->err;
    error->manager.format_message(jpeg, error->message);
    longjmp(error->call, 1);
}

/// libjpeg reports missing blocks with this warning, once per scan or restart interval, and fills them in.
/// Its other warnings are about files that every browser shows.
static inline void multires_jpeg_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    jpeg->err->num_warnings++;
    if (jpeg->err->msg_code == JWRN_HIT_MARKER) multires_jpeg_fail(jpeg);
}

static inline struct jpeg_error_mgr *multires_jpeg_error(MultiresJPEGError *error) {
    jpeg_std_error(&error->manager);
    error->manager.error_exit = multires_jpeg_fail;
    error->manager.emit_message = multires_jpeg_message;
    error->message[0] = 0;
    return &error->manager;
}

#include "reader.h"
#include "writer.h"
