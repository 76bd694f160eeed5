#pragma once
#include <avif/avif.h>

/// The value of the imir property, which has another name since libavif 1.0: 0 exchanges top and bottom, 1
/// left and right.
static inline int multires_avif_mirror(const avifImage *image) {
#if AVIF_VERSION_MAJOR >= 1
    return image->imir.axis;
#else
    return image->imir.mode;
#endif
}
