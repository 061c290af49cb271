#pragma once
// What decays over a gap, and its logarithm, looked up: gaps are whole days, and most are short.
#include <patron/insight/purchase_statistics.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>

namespace patron::inline v1::insight::detail {

/// One cache line.
struct alignas(64) gap_terms {
    std::array<double, purchase_statistics::half_lives.size()> decay{};  ///< 2^(-gap / half-life)
    double log = 0;                                                      ///< ln(gap); 0 for none
};

inline constexpr std::size_t half_life_of_amounts = 3;  ///< of the half-lives: 120 days

inline gap_terms terms_of_gap(double days) noexcept {
    gap_terms terms;
    for (std::size_t h = 0; h < terms.decay.size(); ++h) {
        terms.decay[h] = std::exp2(-days / purchase_statistics::half_lives[h]);
    }
    terms.log = days > 0 ? std::log(days) : 0;
    return terms;
}

class gap_table {
public:
    static constexpr std::size_t size = 2'048;

    gap_table() {
        for (std::size_t days = 0; days < size; ++days) (*rows_)[days] = terms_of_gap(static_cast<double>(days));
    }
    [[nodiscard]] gap_terms const& operator[](std::size_t days) const noexcept { return (*rows_)[days]; }

private:
    using rows = std::array<gap_terms, size>;
    std::unique_ptr<rows> rows_ = std::make_unique<rows>();
};

inline gap_table const& gaps() {
    static gap_table const all;
    return all;
}

}  // namespace patron::v1::insight::detail
