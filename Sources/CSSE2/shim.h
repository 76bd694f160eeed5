// SSE2, which every x86-64 processor has.
#pragma once
#if defined(__x86_64__)
#include <emmintrin.h>
#endif
