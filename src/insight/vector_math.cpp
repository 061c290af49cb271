#include "vectors.hpp"

#include <patron/insight/impl/vector_math.hpp>

namespace patron::inline v1::insight::detail {

namespace {

#if defined(PATRON_HAS_MVEC)

[[gnu::target("avx2,fma")]] void exp_four(double* v, std::size_t count) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) _mm256_storeu_pd(v + i, _ZGVdN4v_exp(_mm256_loadu_pd(v + i)));
    for (; i < count; ++i) v[i] = std::exp(v[i]);
}
[[gnu::target("avx2,fma")]] void log_four(double* v, std::size_t count) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) _mm256_storeu_pd(v + i, _ZGVdN4v_log(_mm256_loadu_pd(v + i)));
    for (; i < count; ++i) v[i] = std::log(v[i]);
}
[[gnu::target("avx512f,avx512dq")]] void exp_eight(double* v, std::size_t count) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm512_storeu_pd(v + i, _ZGVeN8v_exp(_mm512_loadu_pd(v + i)));
    for (; i < count; ++i) v[i] = std::exp(v[i]);
}
[[gnu::target("avx512f,avx512dq")]] void log_eight(double* v, std::size_t count) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm512_storeu_pd(v + i, _ZGVeN8v_log(_mm512_loadu_pd(v + i)));
    for (; i < count; ++i) v[i] = std::log(v[i]);
}

#endif

}  // namespace

void exp_each(double* values, std::size_t count) noexcept {
#if defined(PATRON_HAS_MVEC)
    if (widest() == vector_width::eight) return exp_eight(values, count);
    if (widest() == vector_width::four) return exp_four(values, count);
#endif
    for (std::size_t i = 0; i < count; ++i) values[i] = std::exp(values[i]);
}

void log_each(double* values, std::size_t count) noexcept {
#if defined(PATRON_HAS_MVEC)
    if (widest() == vector_width::eight) return log_eight(values, count);
    if (widest() == vector_width::four) return log_four(values, count);
#endif
    for (std::size_t i = 0; i < count; ++i) values[i] = std::log(values[i]);
}

}  // namespace patron::v1::insight::detail
