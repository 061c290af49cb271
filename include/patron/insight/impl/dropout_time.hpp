#pragma once
// Pareto/NBD's integrals over the time of dropping out.
#include <patron/insight/pareto_nbd.hpp>

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace patron::inline v1::insight::detail {

/// Gauss and Legendre's nodes and weights on [-1, 1], both halves.
template <std::size_t N>
struct gauss_rule {
    std::array<double, N> at{};
    std::array<double, N> weight{};

    gauss_rule() {
        using half = boost::math::quadrature::gauss<double, N>;
        for (std::size_t i = 0; i < N / 2; ++i) {
            at[N / 2 + i] = half::abscissa()[i];
            at[N / 2 - 1 - i] = -half::abscissa()[i];
            weight[N / 2 + i] = weight[N / 2 - 1 - i] = half::weights()[i];
        }
    }
};
template <std::size_t N>
gauss_rule<N> const& gauss() {
    static gauss_rule<N> const rule;
    return rule;
}

/// The integral of (alpha + u)^-n (beta + u)^-k over u from `from` to `to`, by panels in y = ln(m + u), where m is the
/// lesser of alpha and beta: there the integrand falls off like an exponential, and its poles are far from the line.
struct panel_integral {
    double alpha, beta, n, k;
    double least = std::min(alpha, beta);
    double apart = std::abs(alpha - beta);

    /// By how much the logarithm of the integrand falls with y.
    [[nodiscard]] double fall(double u) const noexcept { return (n / (alpha + u) + k / (beta + u)) * (least + u) - 1; }
    /// The logarithm of the integrand by u.
    [[nodiscard]] double log_at(double u) const noexcept { return -n * std::log(alpha + u) - k * std::log(beta + u); }

    /// Calls take(y_low, y_high, few) for each panel; `few`: eight nodes are enough.
    template <class F>
    void each_panel(double from, double to, F const& take) const {
        constexpr double steepest = 14;  // sixteen nodes integrate e^-v over 14 to the last digit
        constexpr double widest_panel = 2;
        auto y = std::log(least + from);
        auto const end = std::log(least + to);
        auto const steep = std::max(std::abs(fall(from)), std::abs(fall(to)));
        auto const whole = end - y;
        if (steep * whole <= steepest && whole <= widest_panel) {
            if (whole > 0) take(y, end, steep * whole <= 2.5 && whole <= 0.6);
            return;
        }
        constexpr double nothing = 42;
        auto u = from;
        double fallen = 0;
        while (y < end && fallen < nothing) {
            auto length = std::min({end - y, widest_panel, steepest / std::max(std::abs(fall(u)), 1.0)});
            auto const ahead = std::abs(fall(std::exp(y + length) - least));
            length = std::min(length, steepest / std::max(ahead, 1.0));
            take(y, y + length, false);
            y = end - y <= length ? end : y + length;
            auto const next = std::exp(y) - least;
            fallen += log_at(u) + std::log(least + u) - log_at(next) - std::log(least + next);
            u = next;
        }
    }

    /// The logarithm of the integral of integrand times `times(u)`, the latter not negative; -inf where it is empty.
    template <class F>
    [[nodiscard]] double log_integral(double from, double to, F const& times) const {
        auto const top = log_at(from);
        double sum = 0;
        auto const add = [&](auto const& rule, double low, double high) {
            auto const half = (high - low) / 2;
            for (std::size_t i = 0; i < rule.at.size(); ++i) {
                auto const e = std::exp(low + half * (1 + rule.at[i]));
                auto const u = std::max(e - least, 0.0);
                sum += half * rule.weight[i] * e * std::exp(log_at(u) - top) * times(u);
            }
        };
        each_panel(from, to, [&](double low, double high, bool few) {
            if (few) {
                add(gauss<8>(), low, high);
            } else {
                add(gauss<16>(), low, high);
            }
        });
        return top + std::log(sum);
    }
    [[nodiscard]] double log_integral(double from, double to) const {
        return log_integral(from, to, [](double) { return 1.0; });
    }
};

/// The logarithms of the two parts of a likelihood but for what depends on x and the parameters alone: active until T,
/// and gone between t_x and T.
struct two_parts {
    double active, gone;

    two_parts(pareto_nbd const& m, purchase_summary const& of)
        : active{-(m.r + of.x) * std::log(m.alpha + of.T) - m.s * std::log(m.beta + of.T)},
          gone{std::log(m.s) + panel_integral{m.alpha, m.beta, m.r + of.x, m.s + 1}.log_integral(of.t_x, of.T)} {}
};

}  // namespace patron::v1::insight::detail
