#pragma once
#include <patron/insight/impl/quiet_math.hpp>
#include <patron/insight/order_rhythm.hpp>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace patron::inline v1::insight {

namespace detail {

inline double to_six_decimals(double chance) noexcept { return std::round(chance * 1e6) / 1e6; }

/// The shape of a gamma law whose mean's logarithm is `spread` above the mean logarithm: to 1.5 % (Minka, Estimating a Gamma
/// distribution, 2002, its starting value).
inline double shape_of(double spread) noexcept {
    return (3 - spread + std::sqrt((spread - 3) * (spread - 3) + 24 * spread)) / (12 * spread);
}

}  // namespace detail

PATRON_FN order_clock::order_clock(order_monitors const& of) noexcept : gaps_(of.gaps()), days_(of.gap_days()) {
    constexpr double at_random = 0.5772156649015329;  // of an exponential law: Euler's constant
    constexpr double drawn_as = 1.5;                  // gaps
    constexpr double least_spread = 1e-3;             // days are whole: no rhythm is more even than that
    auto const own = std::max(std::log(days_ / gaps_) - of.log_gaps() / gaps_, 0.0);
    // the mean of k gaps is itself drawn towards them, by 1 / 2k of a shape of one
    auto const spread = (gaps_ * own + 0.5 * std::min(own, at_random) + drawn_as * at_random) / (gaps_ + drawn_as);
    shape_ = detail::shape_of(std::max(spread, least_spread));
}

PATRON_FN double order_clock::silence_chance(double days) const noexcept {
    if (!(days > 0)) return 1;
    return detail::to_six_decimals(boost::math::ibeta(gaps_ * shape_, shape_, days_ / (days_ + days), detail::quiet{}));
}

PATRON_FN double order_clock::silence_of(double chance) const noexcept {
    if (chance >= 1) return 0;
    auto const part = boost::math::ibeta_inv(gaps_ * shape_, shape_, chance, detail::quiet{});
    return days_ * (1 - part) / part;
}

namespace detail {

/// The recent level less the mean of all, in what a steady customer lets expect of that. Precondition: two or more.
inline double off_from_steady(running_level const& of) noexcept {
    auto const n = static_cast<double>(of.count());
    constexpr double kept = 1 - 1.0 / running_level::recency;
    constexpr double added = 1.0 / running_level::recency;
    // the weights of the recent level, squared and summed: the first order began it
    auto const first = std::pow(kept, 2 * (n - 1));
    auto const weights = added * added * (1 - first) / (1 - kept * kept) + first;
    constexpr double least_variance = 0.01;
    auto const variance = (of.squared_differences() + least_variance) / n;
    return (of.recent() - of.mean()) / std::sqrt(variance * (weights - 1 / n));
}

/// The chance of a level as low as that, or, with `sign` -1, as high.
inline double trend_chance(running_level const& of, double sign) noexcept {
    if (of.count() < least_for_level) return 1;
    boost::math::students_t_distribution<double, quiet> const law{of.count() - 1.0};
    return to_six_decimals(boost::math::cdf(law, sign * off_from_steady(of)));
}

}  // namespace detail

PATRON_FN double fall_chance(running_level const& of) noexcept { return detail::trend_chance(of, 1); }
PATRON_FN double rise_chance(running_level const& of) noexcept { return detail::trend_chance(of, -1); }

PATRON_FN std::int64_t recent_percent(running_level const& of) noexcept {
    if (of.count() == 0) return 100;
    constexpr double most = 100'000;
    return static_cast<std::int64_t>(std::min(100 * std::exp(of.recent() - of.mean()), most));
}

}  // namespace patron::v1::insight
