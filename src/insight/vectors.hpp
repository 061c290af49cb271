#pragma once
// Vectors of doubles with exp and log, one type for each width, over glibc's libmvec. A kernel is a template over such a
// type, always inlined into a function that names the processor features; `widest()` says which of these may be called.
#if defined(PATRON_HAS_MVEC)
#    include <immintrin.h>
#endif

#include <cmath>
#include <cstddef>

#if defined(PATRON_HAS_MVEC)
// the names of the ABI that glibc documents in "libmvec" of its wiki: b, d, e stand for SSE4, AVX2, AVX-512
extern "C" {
__m256d _ZGVdN4v_exp(__m256d);  // NOLINT(bugprone-reserved-identifier)
__m256d _ZGVdN4v_log(__m256d);  // NOLINT(bugprone-reserved-identifier)
__m512d _ZGVeN8v_exp(__m512d);  // NOLINT(bugprone-reserved-identifier)
__m512d _ZGVeN8v_log(__m512d);  // NOLINT(bugprone-reserved-identifier)
}
#endif

namespace patron::inline v1::insight::detail {

enum class vector_width : unsigned char { one, four, eight };

/// What this processor and this build have.
inline vector_width widest() noexcept {
#if defined(PATRON_HAS_MVEC)
    static vector_width const found = [] {
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return vector_width::eight;
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return vector_width::four;
        return vector_width::one;
    }();
    return found;
#else
    return vector_width::one;
#endif
}

}  // namespace patron::v1::insight::detail
