/// A customer's purchases as buy-till-you-die models see them: how many, when last, for how long watched (FOR-1).
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>
#include <patron/base/result.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::insight {

/// What times are counted in. Scores do not depend on it; `alpha`, `beta` and log-likelihoods do.
enum class time_unit : std::uint8_t {
    day,
    week,   ///< 7 days
    month,  ///< 30.436875 days, a twelfth of the mean Gregorian year
};

/// The days in one `unit`.
[[nodiscard]] constexpr double days_in(time_unit unit) noexcept {
    constexpr double mean_year = 365.2425;
    return unit == time_unit::day ? 1.0 : unit == time_unit::week ? 7.0 : mean_year / 12;
}
/// "day", "week", "month".
[[nodiscard]] PATRON_API std::string_view name_of(time_unit unit) noexcept;
/// The unit of that name.
[[nodiscard]] PATRON_API std::optional<time_unit> time_unit_of(std::string_view name) noexcept;

/// The purchases of one customer, or of `weight` customers that do not differ in them.
///
/// Names as in the literature (Fader, Hardie and Lee, Marketing Science 24(2), 2005): the first purchase starts the
/// clock and is not counted.
struct purchase_summary {
    std::uint32_t x = 0;       ///< repeat purchases: days with an order, but for the first
    double t_x = 0;            ///< from the first purchase to the last, in units; 0 where `x` is 0
    double T = 0;              ///< from the first purchase to the end of what is known, in units; at least `t_x`
    std::uint32_t weight = 1;  ///< how many customers; at least one

    friend auto operator<=>(purchase_summary const&, purchase_summary const&) = default;
};

/// The most repeat purchases that a summary may have: a purchase each day for 300 years is fewer.
inline constexpr std::uint32_t most_repeats = 120'000;

/// The summary of one customer from the days of its orders, in any order.
///
/// Orders of one day are one purchase; days after `until` are left out; none up to then gives nothing. A single
/// purchase day gives x = 0, t_x = 0. Days far apart are taken as they are. What was cancelled or returned is the
/// caller's to leave out. Complexity: n log n; one allocation, unless the days come sorted.
[[nodiscard]] PATRON_API std::optional<purchase_summary> summary_of(std::span<day const> order_days, day until,
                                                                    time_unit unit);

/// What one customer spends a purchase, or `weight` customers, for the Gamma-Gamma model.
struct spend_summary {
    std::uint32_t x = 0;       ///< repeat purchases
    double mean = 0;           ///< the average amount of one of them, in whole units of a currency; 0 where `x` is 0
    std::uint32_t weight = 1;  ///< how many customers; at least one

    friend auto operator<=>(spend_summary const&, spend_summary const&) = default;
};

/// An order: its day, and its amount.
struct dated_amount {
    day on{};
    money amount{};
};

/// The spending of one customer from its orders: the mean of the day sums, the first purchase day left out as in
/// `summary_of`. A day whose sum is not above zero (a sample, or as much returned) is no purchase with an amount: it is
/// left out of `x` and `mean`. No order up to `until` gives nothing. Precondition: all amounts are in one currency.
/// Complexity: n log n.
[[nodiscard]] PATRON_API std::optional<spend_summary> spend_of(std::span<dated_amount const> orders, day until);

/// The same customers with equal rows made one, by ascending (x, T, t_x): fits cost by rows, not by customers.
/// Complexity: n log n; one allocation.
[[nodiscard]] PATRON_API std::vector<purchase_summary> deduplicated(std::span<purchase_summary const> rows);
/// The same, by ascending (x, mean); rows with x = 0 are left out.
[[nodiscard]] PATRON_API std::vector<spend_summary> deduplicated(std::span<spend_summary const> rows);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/purchase_summary.ipp>
#endif
