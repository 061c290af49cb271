#pragma once
// Sums of products of columns, where nearly all time of training goes. The compiled library takes the widest vectors of
// the processor, the header-only form those of every one.
#include <patron/config.hpp>

#include <cstddef>
#include <cstring>

namespace patron::inline v1::insight::detail {

/// Columns come by fours, rows by eights: whoever calls fills up with zeros.
inline constexpr std::size_t columns_at_once = 4;
inline constexpr std::size_t rows_at_once = 8;

/// `sums[a * columns + b]` += sum of `left[a * stride + i] * right[b * stride + i]` over rows i, for b <= a (and up to three
/// beyond). `Lanes` is a vector of doubles.
template <class Lanes>
[[gnu::always_inline]] inline void rank_update_by(double const* left, double const* right, std::size_t columns,
                                                  std::size_t rows, std::size_t stride, double* sums) noexcept {
    constexpr auto width = sizeof(Lanes) / sizeof(double);
    constexpr std::size_t beside = 2;
    for (std::size_t a = 0; a < columns; a += columns_at_once) {
        for (std::size_t b = 0; b < a + columns_at_once; b += beside) {
            Lanes sum[columns_at_once][beside]{};
            for (std::size_t i = 0; i < rows; i += width) {
                Lanes r[beside];
                for (std::size_t k = 0; k < beside; ++k)
                    std::memcpy(&r[k], right + (b + k) * stride + i, sizeof(Lanes));
                for (std::size_t j = 0; j < columns_at_once; ++j) {
                    Lanes l;
                    std::memcpy(&l, left + (a + j) * stride + i, sizeof(Lanes));
                    for (std::size_t k = 0; k < beside; ++k) sum[j][k] += l * r[k];
                }
            }
            for (std::size_t j = 0; j < columns_at_once; ++j) {
                for (std::size_t k = 0; k < beside; ++k) {
                    auto& to = sums[(a + j) * columns + b + k];
                    for (std::size_t lane = 0; lane < width; ++lane) to += sum[j][k][lane];
                }
            }
        }
    }
}

using two_lanes = double __attribute__((vector_size(16)));

#if defined(PATRON_HEADER_ONLY)
inline void rank_update(double const* left, double const* right, std::size_t columns, std::size_t rows,
                        std::size_t stride, double* sums) noexcept {
    rank_update_by<two_lanes>(left, right, columns, rows, stride, sums);
}
#else
/// As rank_update_by. In src/insight/rank_update.cpp. Thread safety: yes.
PATRON_API void rank_update(double const* left, double const* right, std::size_t columns, std::size_t rows,
                            std::size_t stride, double* sums) noexcept;
#endif

}  // namespace patron::v1::insight::detail
