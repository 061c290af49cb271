/// What is kept of a customer's purchases for its risk: sums, and nothing that grows with them (RET-4).
#pragma once
#include <patron/insight/risk_detector.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace patron::inline v1::insight {

/// The purchases of a customer as sums and decayed counts; constant in size, whatever the customer buys.
///
/// Days count from 1970-01-01; all amounts are in one currency, and a day's amount below zero counts as zero.
struct purchase_statistics {
    /// Of the decayed counts, in days.
    static constexpr std::array<double, 6> half_lives{15, 30, 60, 120, 240, 480};
    /// Fortnights that are counted one by one, the one of `last` and those before it.
    static constexpr int fortnights = 32;

    std::int32_t first = 0;         ///< day of the first purchase
    std::int32_t last = 0;          ///< day of the last
    std::uint32_t purchases = 0;    ///< days with a purchase
    std::uint32_t longest_gap = 0;  ///< days between two purchases, at most
    /// Purchases by fortnight, 4 bits each, the fortnight of `last` in the lowest: no fortnight has more than 14.
    /// Fortnights begin on days that 14 divides.
    std::array<std::uint64_t, 2> by_fortnight{};
    std::array<double, half_lives.size()> decayed{};  ///< purchases on the day of `last`, older ones by half-life less
    double log_gaps = 0;                              ///< sum of ln(days between two purchases)
    double squared_log_gaps = 0;                      ///< and of its square
    std::array<double, 4> season{};  ///< sums of cos and sin of the days' places in the year, once and twice a year
    std::int64_t amount = 0;         ///< sum, in minor units of `in`; beyond 64 bits the most that fits
    /// A weight for a mean and no money: whole units, decayed to the day of `last` with a half-life of 120 days.
    double decayed_amount = 0;
    std::int64_t last_amount = 0;  ///< of the last day, in minor units; may be below zero
    double log_lines = 0;          ///< sum of ln(1 + lines)
    std::uint32_t last_lines = 0;  ///< of the last day
    currency in{};                 ///< of all amounts

    friend bool operator==(purchase_statistics const&, purchase_statistics const&) = default;
};
static_assert(std::is_trivially_copyable_v<purchase_statistics> && sizeof(purchase_statistics) == 168);

/// Adds a purchase. A second one on the day of the last is part of it: amounts and lines add up.
/// Precondition: not before the last. Complexity: constant; no allocation.
PATRON_API void add_purchase(purchase_statistics& to, purchase_day const& bought) noexcept;

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/purchase_statistics.ipp>
#endif
