#pragma once
// BG/NBD and MBG/NBD behind their names.
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/impl/dropout.hpp>
#include <patron/insight/impl/newton.hpp>
#include <patron/insight/impl/quiet_math.hpp>
#include <patron/insight/impl/summary_rows.hpp>

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace patron::inline v1::insight::detail {

/// Both models in one: `at_first` is 1 where a customer can drop out at its first purchase.
struct geometric_dropout {
    double r, alpha, a, b;
    int at_first;

    explicit geometric_dropout(bg_nbd const& m) noexcept : r{m.r}, alpha{m.alpha}, a{m.a}, b{m.b}, at_first{0} {}
    explicit geometric_dropout(mbg_nbd const& m) noexcept : r{m.r}, alpha{m.alpha}, a{m.a}, b{m.b}, at_first{1} {}
    geometric_dropout(vec<4> const& p, int first) noexcept : r{p[0]}, alpha{p[1]}, a{p[2]}, b{p[3]}, at_first{first} {}

    /// How many times the customer could have dropped out and was seen not to, were it active now.
    [[nodiscard]] std::uint32_t survived(std::uint32_t x) const noexcept {
        return x + static_cast<std::uint32_t>(at_first);
    }
    [[nodiscard]] double log_likelihood(purchase_summary const& of) const noexcept {
        auto const n = r + of.x;
        auto const times = survived(of.x);
        auto const common = log_rising(r, of.x) + r * std::log(alpha) + log_rising(b, times) - log_rising(a + b, times);
        auto const active = -n * std::log(alpha + of.T);
        if (times == 0) return common + active;
        auto const gone = std::log(a / (b + times - 1)) - n * std::log(alpha + of.t_x);
        return common + std::max(active, gone) + std::log1p(std::exp(-std::abs(active - gone)));
    }
    [[nodiscard]] double p_alive(purchase_summary const& of) const noexcept {
        auto const times = survived(of.x);
        if (times == 0) return 1;
        auto const log_odds = (r + of.x) * (std::log(alpha + of.T) - std::log(alpha + of.t_x));
        return 1 / (1 + a / (b + times - 1) * std::exp(log_odds));
    }
    [[nodiscard]] double p_no_purchase(purchase_summary const& of, double horizon) const noexcept {
        return 1 + p_alive(of) * std::expm1(-(r + of.x) * std::log1p(horizon / (alpha + of.T)));
    }
    [[nodiscard]] double expected(purchase_summary const& of, double horizon) const noexcept {
        return p_alive(of) * dropout_mean(r + of.x, a, b + survived(of.x), horizon / (alpha + of.T));
    }
    [[nodiscard]] double p_active_at_start() const noexcept { return at_first == 0 ? 1 : b / (a + b); }

    [[nodiscard]] curve<4> likelihood(fit_rows const& all) const;
};

/// The chance of n purchases in t of an active customer: its rate is Gamma(shape, inverse scale), dropping out after
/// each with a chance of Beta(a, b).
inline double p_purchases_active(double shape, double scale, double a, double b, std::uint32_t n, double t) noexcept {
    if (!(t > 0)) return n == 0 ? 1 : 0;
    auto const z = t / (scale + t);
    auto const to_n = log_rising(shape, n) - log_rising(1, n) - shape * std::log1p(t / scale) + n * std::log(z);
    auto const stays = log_rising(b, n) - log_rising(a + b, n);
    auto const active = std::exp(to_n + stays);
    if (n == 0) return active;
    // it went at the n-th purchase, and would have come at least so often
    auto const goes = a / (b + n - 1) * std::exp(stays);
    return active + goes * boost::math::ibeta(static_cast<double>(n), shape, z, quiet{});
}

inline double p_purchases_of(geometric_dropout const& m, purchase_summary const& of, std::uint32_t n,
                             double horizon) noexcept {
    auto const alive = m.p_alive(of);
    auto const p = alive * p_purchases_active(m.r + of.x, m.alpha + of.T, m.a, m.b + m.survived(of.x), n, horizon);
    return n == 0 ? p + (1 - alive) : p;
}
inline double p_purchases_new(geometric_dropout const& m, std::uint32_t n, double t) noexcept {
    auto const active = m.p_active_at_start();
    auto const p = active * p_purchases_active(m.r, m.alpha, m.a, m.b + m.at_first, n, t);
    return n == 0 ? p + (1 - active) : p;
}
inline double expected_new(geometric_dropout const& m, double t) noexcept {
    return m.p_active_at_start() * dropout_mean(m.r, m.a, m.b + m.at_first, t / m.alpha);
}

}  // namespace patron::v1::insight::detail
