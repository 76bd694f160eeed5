// PNG's compression, to repair files whose checksums or ends are missing. libpng uses the same library.
#pragma once
#include <zlib.h>
