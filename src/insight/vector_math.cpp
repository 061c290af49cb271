#include <patron/insight/impl/vector_math.hpp>
#include <patron/insight/impl/vector_scores.hpp>

#if defined(PATRON_HAS_MVEC)
#    include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#if defined(PATRON_HAS_MVEC)

// glibc's vector functions, by the names of its ABI: d stands for AVX2, e for AVX-512. They are called from functions that
// name the same features of the processor, and those only where it has them.
extern "C" {
[[gnu::target("avx2,fma")]] __m256d _ZGVdN4v_exp(__m256d);          // NOLINT(bugprone-reserved-identifier)
[[gnu::target("avx2,fma")]] __m256d _ZGVdN4v_log(__m256d);          // NOLINT(bugprone-reserved-identifier)
[[gnu::target("avx512f,avx512dq")]] __m512d _ZGVeN8v_exp(__m512d);  // NOLINT(bugprone-reserved-identifier)
[[gnu::target("avx512f,avx512dq")]] __m512d _ZGVeN8v_log(__m512d);  // NOLINT(bugprone-reserved-identifier)
}

#endif

namespace patron::inline v1::insight::detail {

namespace {

#if defined(PATRON_HAS_MVEC)

enum class vector_width : unsigned char { one, four, eight };

/// What this processor has.
vector_width widest() noexcept {
    static vector_width const found = [] {
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return vector_width::eight;
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return vector_width::four;
        return vector_width::one;
    }();
    return found;
}

// of counts that fill whole vectors
[[gnu::target("avx2,fma")]] void exp_four(double* v, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; i += 4) _mm256_storeu_pd(v + i, _ZGVdN4v_exp(_mm256_loadu_pd(v + i)));
}
[[gnu::target("avx2,fma")]] void log_four(double* v, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; i += 4) _mm256_storeu_pd(v + i, _ZGVdN4v_log(_mm256_loadu_pd(v + i)));
}
[[gnu::target("avx512f,avx512dq")]] void exp_eight(double* v, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; i += 8) _mm512_storeu_pd(v + i, _ZGVeN8v_exp(_mm512_loadu_pd(v + i)));
}
[[gnu::target("avx512f,avx512dq")]] void log_eight(double* v, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; i += 8) _mm512_storeu_pd(v + i, _ZGVeN8v_log(_mm512_loadu_pd(v + i)));
}

/// What fills no vector takes a whole one too: no number's last digits may depend on where it stands.
template <std::size_t Lanes, class Function>
void by_vectors(Function of_whole, double* values, std::size_t count) noexcept {
    auto const rest = count % Lanes;
    of_whole(values, count - rest);
    if (rest == 0) return;
    std::array<double, Lanes> last;
    last.fill(1);
    std::copy_n(values + (count - rest), rest, last.data());
    of_whole(last.data(), Lanes);
    std::copy_n(last.data(), rest, values + (count - rest));
}

// P = c / (c + a ((alpha + T) / (alpha + t_x))^(r + x)), c = b + x - 1 with the first purchase counted by MBG/NBD

[[gnu::target("avx2,fma")]] std::size_t p_alive_by_four(geometric_dropout const& m, summary_columns const& of,
                                                        double* out) noexcept {
    auto const r = _mm256_set1_pd(m.r);
    auto const alpha = _mm256_set1_pd(m.alpha);
    auto const a = _mm256_set1_pd(m.a);
    auto const before = _mm256_set1_pd(m.b + m.at_first - 1);
    auto const one = _mm256_set1_pd(1);
    auto const certain = m.at_first == 0;
    std::size_t i = 0;
    for (; i + 4 <= of.x.size(); i += 4) {
        auto const x = _mm256_cvtepi32_pd(_mm_loadu_si128(reinterpret_cast<__m128i const*>(of.x.data() + i)));
        auto const ratio = _mm256_div_pd(_mm256_add_pd(alpha, _mm256_loadu_pd(of.T.data() + i)),
                                         _mm256_add_pd(alpha, _mm256_loadu_pd(of.t_x.data() + i)));
        auto const power = _ZGVdN4v_exp(_mm256_mul_pd(_mm256_add_pd(r, x), _ZGVdN4v_log(ratio)));
        auto const c = _mm256_add_pd(before, x);
        auto p = _mm256_div_pd(c, _mm256_fmadd_pd(a, power, c));
        if (certain) p = _mm256_blendv_pd(p, one, _mm256_cmp_pd(x, _mm256_setzero_pd(), _CMP_EQ_OQ));
        _mm256_storeu_pd(out + i, p);
    }
    return i;
}

[[gnu::target("avx512f,avx512dq")]] std::size_t p_alive_by_eight(geometric_dropout const& m, summary_columns const& of,
                                                                 double* out) noexcept {
    auto const r = _mm512_set1_pd(m.r);
    auto const alpha = _mm512_set1_pd(m.alpha);
    auto const a = _mm512_set1_pd(m.a);
    auto const before = _mm512_set1_pd(m.b + m.at_first - 1);
    auto const one = _mm512_set1_pd(1);
    auto const certain = m.at_first == 0;
    std::size_t i = 0;
    for (; i + 8 <= of.x.size(); i += 8) {
        // all lanes by mask: GCC takes the unmasked form's undefined source for one that is read
        auto const x =
            _mm512_maskz_cvtepi32_pd(0xFF, _mm256_loadu_si256(reinterpret_cast<__m256i const*>(of.x.data() + i)));
        auto const ratio = _mm512_div_pd(_mm512_add_pd(alpha, _mm512_loadu_pd(of.T.data() + i)),
                                         _mm512_add_pd(alpha, _mm512_loadu_pd(of.t_x.data() + i)));
        auto const power = _ZGVeN8v_exp(_mm512_mul_pd(_mm512_add_pd(r, x), _ZGVeN8v_log(ratio)));
        auto const c = _mm512_add_pd(before, x);
        auto p = _mm512_div_pd(c, _mm512_fmadd_pd(a, power, c));
        if (certain) p = _mm512_mask_blend_pd(_mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_EQ_OQ), p, one);
        _mm512_storeu_pd(out + i, p);
    }
    return i;
}

#endif

}  // namespace

void exp_each(double* values, std::size_t count) noexcept {
#if defined(PATRON_HAS_MVEC)
    if (widest() == vector_width::eight) return by_vectors<8>(exp_eight, values, count);
    if (widest() == vector_width::four) return by_vectors<4>(exp_four, values, count);
#endif
    for (std::size_t i = 0; i < count; ++i) values[i] = std::exp(values[i]);
}

void log_each(double* values, std::size_t count) noexcept {
#if defined(PATRON_HAS_MVEC)
    if (widest() == vector_width::eight) return by_vectors<8>(log_eight, values, count);
    if (widest() == vector_width::four) return by_vectors<4>(log_four, values, count);
#endif
    for (std::size_t i = 0; i < count; ++i) values[i] = std::log(values[i]);
}

#if defined(PATRON_HAS_MVEC)
std::size_t p_alive_by_vectors(geometric_dropout const& m, summary_columns const& of, double* out) noexcept {
    switch (widest()) {
        case vector_width::eight: return p_alive_by_eight(m, of, out);
        case vector_width::four: return p_alive_by_four(m, of, out);
        case vector_width::one: break;
    }
    return 0;
}
#else
std::size_t p_alive_by_vectors(geometric_dropout const&, summary_columns const&, double*) noexcept { return 0; }
#endif

}  // namespace patron::v1::insight::detail
