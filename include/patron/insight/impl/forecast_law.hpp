#pragma once
// The laws of a customer's purchases to come and of their worth, and of sums of them.
#include <patron/insight/forecast.hpp>
#include <patron/insight/impl/geometric_dropout.hpp>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace patron::inline v1::insight::detail {

/// As `quiet`, in double throughout: ranges need eight digits, not eighteen.
using quick = boost::math::policies::normalise<quiet, boost::math::policies::promote_double<false>>::type;

inline constexpr double unseen = 1e-10;  ///< chances below are left out of a law

/// The range for a chance, by the quantiles of a law that has `none` at zero.
template <class Quantile>
forecast_range range_by(double none, double level, Quantile const& quantile) {
    auto const tail = (1 - level) / 2;
    if (none >= level) return {};
    if (none > tail) return {0, quantile(level)};
    return {quantile(tail), quantile(1 - tail)};
}

/// The chances of 0, 1, 2, … purchases, in `p`.
inline void purchases_law(geometric_dropout const& m, purchase_summary const& of, double horizon,
                          std::vector<double>& p) {
    p.clear();
    auto const alive = m.p_alive(of);
    auto const shape = m.r + of.x;
    auto const scale = m.alpha + of.T;
    auto const b = m.b + m.survived(of.x);
    auto const log_z = std::log(horizon / (scale + horizon));
    auto log_nbd = -shape * std::log1p(horizon / scale);  // of n purchases, did it never drop out
    double fewer = 0;
    double stays = 1;  // after n purchases
    for (std::uint32_t n = 0; n < 2 * most_repeats; ++n) {
        auto const nbd = std::exp(log_nbd);
        if (n == 0) {
            p.push_back(1 - alive + alive * nbd);
        } else {
            auto const goes = m.a / (b + n - 1) * stays;
            p.push_back(alive * (nbd * stays + goes * std::max(1 - fewer, 0.0)));
        }
        fewer += nbd;
        if (!(1 - fewer > unseen)) break;
        log_nbd += log_z + std::log((shape + n) / (n + 1));
        stays *= (b + n) / (m.a + b + n);
    }
}
inline void purchases_law(bg_nbd const& m, purchase_summary const& of, double horizon, std::vector<double>& p) {
    purchases_law(geometric_dropout{m}, of, horizon, p);
}
inline void purchases_law(mbg_nbd const& m, purchase_summary const& of, double horizon, std::vector<double>& p) {
    purchases_law(geometric_dropout{m}, of, horizon, p);
}
inline void purchases_law(pareto_nbd const& m, purchase_summary const& of, double horizon, std::vector<double>& p) {
    p.clear();
    auto const peak = (m.r + of.x) / (m.alpha + of.T) * horizon;
    double fewer = 0;
    for (std::uint32_t n = 0; n < 2 * most_repeats && 1 - fewer > unseen; ++n) {
        p.push_back(p_purchases(m, of, n, horizon));
        fewer += p.back();
        if (n > peak && p.back() < 1e-13) break;  // integrals are no better: what is missing is their error
    }
}

/// E[N] and E[N^2].
struct two_moments {
    double first = 0;
    double second = 0;
};
inline two_moments moments_of(std::vector<double> const& p) noexcept {
    two_moments out;
    for (std::size_t n = 1; n < p.size(); ++n) {
        auto const count = static_cast<double>(n);
        out.first += p[n] * count;
        out.second += p[n] * count * count;
    }
    return out;
}

/// What the next amounts of a customer are, as far as it is known: n of them sum up to `scale` times a beta prime
/// variable of shapes n p and q.
struct spend_law {
    double p, q, scale;

    spend_law(gamma_gamma const& m, spend_summary const& of) noexcept
        : p{m.p}, q{m.q + m.p * of.x}, scale{m.gamma + of.x * of.mean} {}

    [[nodiscard]] two_moments sum(two_moments const& n) const noexcept {
        auto const to_mean = std::max(q, 1.25);
        auto const to_square = std::max(q, 2.5);
        // the square about the mean is that of the law at `to_square`, carried over to the mean that is told
        auto const one = p * scale / (to_mean - 1);
        auto const scatter = (p * p * n.second + p * n.first) * (to_square - 1) / (to_square - 2) / (p * p);
        return {one * n.first, one * one * scatter};
    }
};

/// The law of a customer's amount: so many purchases by `chances`, each by `spend`.
struct amount_law {
    std::vector<double> const* chances;
    spend_law spend;

    /// The chance of at most exp(w) times the scale.
    [[nodiscard]] double below(double w) const {
        auto const& p = *chances;
        auto const y = w > 0 ? 1 / (1 + std::exp(-w)) : std::exp(w) / (1 + std::exp(w));
        auto const rest = 1 / (1 + std::exp(w));
        double sum = p[0];
        double left = 1 - sum;
        for (std::size_t n = 1; n < p.size(); ++n) {
            auto const a = spend.p * static_cast<double>(n);
            auto const part =
                y < 0.5 ? boost::math::ibeta(a, spend.q, y, quick{}) : boost::math::ibetac(spend.q, a, rest, quick{});
            sum += p[n] * part;
            left -= p[n];
            if (part * left < unseen) break;  // more purchases are still less likely to stay below
        }
        return sum;
    }
    /// The amount that is not exceeded with a chance of `u`, above that of nothing. `near`: a first guess.
    [[nodiscard]] double quantile(double u, double near) const {
        auto const off = [&](double w) { return below(w) - u; };
        auto low = std::log(near / spend.scale);
        auto high = low;
        auto at_low = off(low);
        auto at_high = at_low;
        for (double step = 0.25; at_low > 0 && low > -700; step *= 2) {
            high = low;
            at_high = at_low;
            low -= step;
            at_low = off(low);
        }
        for (double step = 0.25; at_high < 0 && high < 700; step *= 2) {
            low = high;
            at_low = at_high;
            high += step;
            at_high = off(high);
        }
        if (at_low >= 0) return spend.scale * std::exp(low);
        if (at_high <= 0) return spend.scale * std::exp(high);
        std::uintmax_t most = 60;
        auto const close = [](double a, double b) { return b - a < 1e-8; };
        auto const [a, b] = boost::math::tools::toms748_solve(off, low, high, at_low, at_high, close, most, quick{});
        return spend.scale * std::exp((a + b) / 2);
    }
};

/// The least number that is not exceeded with a chance of at least `u`.
inline double count_quantile(std::vector<double> const& p, double u) noexcept {
    double sum = 0;
    for (std::size_t n = 0; n < p.size(); ++n) {
        sum += p[n];
        if (sum >= u - 1e-12) return static_cast<double>(n);
    }
    return static_cast<double>(p.size() - 1);
}

/// Quantiles of a sum of independent numbers of that mean and variance, `none` of them at zero: a gamma law beside it.
struct sum_law {
    double none;
    double shape = 0;
    double scale = 0;
    double part = 0;  ///< the mean of what is not zero

    sum_law(double mean, double variance, double at_zero) noexcept : none{at_zero} {
        if (!(none < 1) || !(mean > 0)) return;
        part = mean / (1 - none);
        auto const spread = (variance + mean * mean) / (1 - none) - part * part;
        if (!(spread > 1e-18 * part * part)) return;
        shape = part * part / spread;
        scale = spread / part;
    }
    [[nodiscard]] double quantile(double u) const {
        if (u <= none || part == 0) return 0;
        if (shape == 0) return part;
        return scale * boost::math::gamma_p_inv(shape, (u - none) / (1 - none), quick{});
    }
};

inline constexpr double level_80 = 0.80;
inline constexpr double level_95 = 0.95;

/// The common error's standard deviation such that a normal law's range is Student's.
inline double spread_at(common_error const& of, double level) {
    auto const up = (1 + level) / 2;
    auto const t = boost::math::quantile(boost::math::students_t_distribution<double, quick>{of.freedom}, up);
    auto const z = std::sqrt(2.0) * boost::math::erf_inv(level, quick{});
    return of.spread * t / z;
}

/// Both ranges of a sum.
inline void set_ranges(forecast_value& of, common_error const& off, bool whole) {
    auto const range = [&](double level) {
        auto const in_common = spread_at(off, level) * of.mean;
        sum_law const law{of.mean, of.variance + in_common * in_common, of.none};
        auto out = range_by(of.none, level, [&](double u) { return law.quantile(u); });
        if (whole) out = {std::floor(out.low), std::ceil(out.high)};
        return out;
    };
    of.within_80 = range(level_80);
    of.within_95 = range(level_95);
}

/// The range of one customer, made wider by the common error in the measure of its own.
inline forecast_range widened(forecast_range by, forecast_value const& of, common_error const& off, double level,
                              bool whole) {
    if (!(of.variance > 0)) return by;
    auto const in_common = spread_at(off, level) * of.mean;
    auto const more = std::sqrt(1 + in_common * in_common / of.variance) - 1;
    by.low = std::max(by.low - more * std::max(of.mean - by.low, 0.0), 0.0);
    by.high += more * std::max(by.high - of.mean, 0.0);
    return whole ? forecast_range{std::round(by.low), std::round(by.high)} : by;
}

/// A customer's forecast but for the ranges, from the law of its purchases.
inline sales_forecast expected_of(std::vector<double> const& p, spend_law const& spend) noexcept {
    auto const count = moments_of(p);
    auto const worth = spend.sum(count);
    sales_forecast out;
    out.purchases.mean = count.first;
    out.purchases.variance = std::max(count.second - count.first * count.first, 0.0);
    out.amount.mean = worth.first;
    out.amount.variance = std::max(worth.second - worth.first * worth.first, 0.0);
    out.purchases.none = out.amount.none = std::min(p[0], 1.0);
    return out;
}
/// Adds the ranges that the law has by itself.
inline void set_own_ranges(sales_forecast& of, std::vector<double> const& p, spend_law const& spend) {
    auto const count = [&](double level) {
        return range_by(of.purchases.none, level, [&](double u) { return count_quantile(p, u); });
    };
    of.purchases.within_80 = count(level_80);
    of.purchases.within_95 = count(level_95);
    amount_law const law{&p, spend};
    auto const guess = of.amount.mean / std::max(1 - of.amount.none, 1e-300);
    auto const amount = [&](double level) {
        return range_by(of.amount.none, level, [&](double u) { return law.quantile(u, guess); });
    };
    of.amount.within_80 = amount(level_80);
    of.amount.within_95 = amount(level_95);
}

template <class Model>
sales_forecast forecast_one(Model const& model, gamma_gamma const& spend, purchase_summary const& bought,
                            spend_summary const& spent, double horizon) {
    if (!(horizon > 0)) return {};
    std::vector<double> p;
    purchases_law(model, bought, horizon, p);
    spend_law const worth{spend, spent};
    auto out = expected_of(p, worth);
    set_own_ranges(out, p, worth);
    return out;
}

}  // namespace patron::v1::insight::detail
