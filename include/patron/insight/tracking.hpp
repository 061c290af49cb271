/// How a fitted model does on days that it has not seen (FOR-1): calibration against hold-out.
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/result.hpp>
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/pareto_nbd.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

/// What is known of a cohort, and where its calibration ends.
struct holdout_split {
    /// The order days of each customer, in any order; those of one day are one purchase.
    std::span<std::vector<day> const> order_days;
    day calibrated_until{};            ///< the last day that the model was fitted on; later days are hold-out
    day until{};                       ///< the last day that is known
    time_unit unit = time_unit::week;  ///< of the model's parameters
};

/// Repeat purchases of a cohort from its first day to the end of a period.
struct tracked_total {
    day until{};               ///< the period's last day
    std::uint64_t actual = 0;  ///< repeat purchases up to then
    double expected = 0;       ///< as many by the model, from the days of the first purchases alone
};

/// Cumulative repeat purchases, actual and expected, at the end of each `step` days since the first purchase of all
/// (weeks, unless said otherwise), through calibration and hold-out.
///
/// The cohort is the customers whose first purchase lies in the calibration. The last period is the last that ends by
/// `until`. Source: Fader, Hardie and Lee 2005, section 5 ("tracking plots").
/// Errors: errc::missing_field without such a customer; errc::out_of_range for `until` before `calibrated_until` or a
///         step below one day. Complexity: customers log customers, and periods times days of first purchases.
[[nodiscard]] PATRON_API result<std::vector<tracked_total>> tracking(bg_nbd const& model, holdout_split const& split,
                                                                     std::chrono::days step = std::chrono::days{7});
[[nodiscard]] PATRON_API result<std::vector<tracked_total>> tracking(mbg_nbd const& model, holdout_split const& split,
                                                                     std::chrono::days step = std::chrono::days{7});
[[nodiscard]] PATRON_API result<std::vector<tracked_total>> tracking(pareto_nbd const& model,
                                                                     holdout_split const& split,
                                                                     std::chrono::days step = std::chrono::days{7});

/// The mean of |expected - actual| / actual over the periods that end in the hold-out; NaN where there is none, or one
/// without an actual purchase up to then.
[[nodiscard]] PATRON_API double mean_percentage_error(std::span<tracked_total const> periods,
                                                      day calibrated_until) noexcept;

/// Customers with as many repeat purchases in the calibration.
struct holdout_group {
    std::uint32_t x = 0;  ///< the last group is this many and more
    std::uint64_t customers = 0;
    double actual = 0;    ///< hold-out purchases a customer
    double expected = 0;  ///< as many by the model
};

/// What each customer bought in the hold-out against what was expected of it at the end of the calibration.
struct holdout_table {
    std::uint64_t customers = 0;
    std::uint64_t actual = 0;        ///< hold-out purchases of all
    double expected = 0;             ///< as many by the model
    double mean_absolute_error = 0;  ///< a customer
    double root_mean_square_error = 0;
    double correlation = 0;           ///< between actual and expected; NaN where one of them does not vary
    std::vector<holdout_group> by_x;  ///< 0 to 6, and 7 and more; groups without customers are left out
};

/// Errors: as tracking; errc::out_of_range too where the hold-out has no day. Complexity: linear in order days.
[[nodiscard]] PATRON_API result<holdout_table> holdout(bg_nbd const& model, holdout_split const& split);
[[nodiscard]] PATRON_API result<holdout_table> holdout(mbg_nbd const& model, holdout_split const& split);
[[nodiscard]] PATRON_API result<holdout_table> holdout(pareto_nbd const& model, holdout_split const& split);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/tracking.ipp>
#endif
