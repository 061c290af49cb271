#pragma once
// Means over a dropout chance p that follows a beta distribution.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace patron::inline v1::insight::detail {

/// (1 - e^(-k y)) / k, which is y at k = 0.
inline double decayed(double k, double y) noexcept { return k == 0 ? y : -std::expm1(-k * y) / k; }

/// The mean of g(p) = (1 - (1 + p w)^-n) / p where p is Beta(a, b), by the trapezoidal rule over the logit of p.
///
/// The integrand is analytic in a strip about the real line, where that rule converges geometrically; it has no sign
/// changes and nothing singular, whatever a, b, n and w. Both tails are geometric series, summed in closed form.
inline double dropout_mean_by_quadrature(double n, double a, double b, double w) noexcept {
    auto const spread = std::sqrt((a + b) / (a * b));
    auto const h = std::min(0.25, 0.5 * spread);
    auto const peak = std::log(a) - std::log(b);
    auto const log_weight = [&](double s) {  // of p, unnormalised, by s = logit p
        return s < 0 ? a * s - (a + b) * std::log1p(std::exp(s)) : -b * s - (a + b) * std::log1p(std::exp(-s));
    };
    auto const top = log_weight(peak);
    auto const g = [&](double s) {
        auto const p = s < 0 ? std::exp(s) / (1 + std::exp(s)) : 1 / (1 + std::exp(-s));
        return -std::expm1(-n * std::log1p(p * w)) / p;
    };
    constexpr double nothing = -42;  // e^-42 of the peak cannot be seen in a double
    constexpr double small = 1e-7;
    // below `low` both the density and g are their leading terms
    auto const low = std::log(small / std::max({a + b, (n + 1) * w, 1.0}));
    constexpr double high = 37;  // from there on p is one
    double weights = 0;
    double sum = 0;
    // adds the nodes from s on, as long as they lie inside; the first that does not, where those before it could be seen
    auto const walk = [&](double s, double step, auto const& is_inside) -> std::optional<double> {
        for (; is_inside(s); s += step) {
            auto const log_part = log_weight(s) - top;
            if (log_part < nothing) return std::nullopt;
            auto const part = std::exp(log_part);
            weights += part;
            sum += part * g(s);
        }
        return s;
    };
    if (auto const s = walk(peak, -h, [&](double at) { return at > low; })) {  // s, s - h, s - 2h, …
        auto const part = std::exp(a * *s - top);
        auto const by_a = part / -std::expm1(-a * h);
        auto const next = part * std::exp(*s) / -std::expm1(-(a + 1) * h);
        weights += by_a - (a + b) * next;
        sum += n * w * (by_a - (a + b + (n + 1) * w / 2) * next);
    }
    if (auto const s = walk(peak + h, h, [](double at) { return at < high; })) {
        auto const part = std::exp(-b * *s - top) / -std::expm1(-b * h);
        weights += part;
        sum += part * g(*s);
    }
    return sum / weights;
}

/// The same by Gauss's series, where it converges quickly and nothing cancels; NaN elsewhere.
///
/// With c = a + b - 1, z = w / (1 + w) and e = a - 1 the mean is c / e (1 - (1 - z)^e 2F1(c - n, e; c; z)): the Euler
/// form of the hypergeometric term of Fader, Hardie and Lee. Written by (F - 1) / e it has no singularity at a = 1.
inline double dropout_mean_by_series(double n, double a, double b, double w) noexcept {
    constexpr auto elsewhere = std::numeric_limits<double>::quiet_NaN();
    auto const c = a + b - 1;
    auto const first = c - n;
    auto const z = w / (1 + w);
    if (!(c > 0.05) || first < 0 || z > 0.9 || a > 50) return elsewhere;
    auto const e = a - 1;
    auto const l = -decayed(e, std::log1p(w));  // ((1 - z)^e - 1) / e
    double term = 1;
    double sum = 0;
    // (first)_k (a)_(k-1) / (c)_k / k! z^k
    for (int k = 0; k < 400; ++k) {
        term *= (first + k) * (k == 0 ? 1 : e + k) / ((c + k) * (k + 1)) * z;
        sum += term;
        if (std::abs(term) < 1e-17 * sum) break;
        if (k == 399) return elsewhere;
    }
    auto const inner = l + (1 + e * l) * sum;
    constexpr double cancelled = 0.02;
    if (!(-inner > cancelled * (std::abs(l) + sum))) return elsewhere;
    return -c * inner;
}

/// Purchases to expect of a customer that is active: the mean over p ~ Beta(a, b) of (1 - (1 + p w)^-n) / p.
inline double dropout_mean(double n, double a, double b, double w) noexcept {
    if (!(w > 0)) return 0;
    auto const by_series = dropout_mean_by_series(n, a, b, w);
    return by_series == by_series ? by_series : dropout_mean_by_quadrature(n, a, b, w);
}

}  // namespace patron::v1::insight::detail
