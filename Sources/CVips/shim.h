// libvips' operations are variadic, which Swift cannot call: one inline wrapper each.
#pragma once
#include <vips/vips.h>
