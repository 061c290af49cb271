#pragma once
// Newton's method with a damped Hessian for a few parameters, all of them above zero, over their logarithms.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace patron::inline v1::insight::detail {

template <std::size_t N>
using vec = std::array<double, N>;
template <std::size_t N>
using mat = std::array<vec<N>, N>;

/// A function with its derivatives by the parameters themselves.
template <std::size_t N>
struct curve {
    double value = 0;
    vec<N> gradient{};
    mat<N> hessian{};  ///< the lower triangle counts
};

/// Lower Cholesky factor; false where the matrix is not positive definite.
template <std::size_t N>
bool cholesky(mat<N>& a) {
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            auto sum = a[i][j];
            for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
            if (i == j) {
                if (!(sum > 0) || !std::isfinite(sum)) return false;
                a[i][i] = std::sqrt(sum);
            } else {
                a[i][j] = sum / a[j][j];
            }
        }
    }
    return true;
}

template <std::size_t N>
vec<N> solve(mat<N> const& factor, vec<N> b) {
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t k = 0; k < i; ++k) b[i] -= factor[i][k] * b[k];
        b[i] /= factor[i][i];
    }
    for (std::size_t i = N; i-- > 0;) {
        for (std::size_t k = i + 1; k < N; ++k) b[i] -= factor[k][i] * b[k];
        b[i] /= factor[i][i];
    }
    return b;
}

template <std::size_t N>
struct maximum {
    vec<N> at{};  ///< the parameters
    double value = -std::numeric_limits<double>::infinity();
    vec<N> standard_errors{};  ///< of the parameters; NaN where there is no curvature
    mat<N> correlations{};     ///< of the parameters' logarithms, lower triangle; 0 where there is no curvature
    std::array<bool, N> on_bound{};
    bool converged = false;
    std::uint32_t evaluations = 0;
};

inline constexpr double farthest_log = 16;  ///< parameters stay within e^±16: 1.1e-7 … 8.9e6

/// Maximises `f`, which gives a `curve<N>` for parameters.
///
/// Near the maximum the steps are Newton's own; far from it the Hessian is damped until it is negative definite, steps
/// are at most 2 in any logarithm and are halved until they gain. A parameter on its bound that wants to go on is held.
template <std::size_t N, class F>
maximum<N> maximise(F const& f, vec<N> const& start) {
    constexpr int most_steps = 100;
    constexpr double longest_step = 2;
    constexpr double gain_enough = 1e-11;
    maximum<N> out;
    vec<N> theta{};
    for (std::size_t i = 0; i < N; ++i) theta[i] = std::clamp(std::log(start[i]), -farthest_log, farthest_log);
    auto const look = [&](vec<N> const& logs) {
        vec<N> p{};
        for (std::size_t i = 0; i < N; ++i) p[i] = std::exp(logs[i]);
        auto c = f(p);
        ++out.evaluations;
        // to descend, and by the logarithms
        c.value = -c.value;
        for (std::size_t i = 0; i < N; ++i) {
            for (std::size_t j = 0; j <= i; ++j) c.hessian[i][j] *= -p[i] * p[j];
            c.gradient[i] *= -p[i];
            c.hessian[i][i] += c.gradient[i];
        }
        return c;
    };
    auto now = look(theta);
    auto const held = [&](std::size_t i) {
        return (theta[i] >= farthest_log && now.gradient[i] < 0) || (theta[i] <= -farthest_log && now.gradient[i] > 0);
    };
    for (int step = 0; step < most_steps && std::isfinite(now.value); ++step) {
        auto hessian = now.hessian;
        vec<N> downhill{};
        double scale = 0;
        for (std::size_t i = 0; i < N; ++i) {
            out.on_bound[i] = held(i);
            downhill[i] = out.on_bound[i] ? 0 : -now.gradient[i];
            scale = std::max(scale, std::abs(hessian[i][i]));
        }
        for (std::size_t i = 0; i < N; ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                if (i != j && (out.on_bound[i] || out.on_bound[j])) hessian[i][j] = 0;
                if (i == j && out.on_bound[i]) hessian[i][i] = scale;
            }
        }
        auto factor = hessian;
        bool damped = false;
        for (double damping = 1e-6 * scale; !cholesky(factor); damping *= 10) {
            if (!std::isfinite(damping) || damping == 0) return out;
            damped = true;
            factor = hessian;
            for (std::size_t i = 0; i < N; ++i) factor[i][i] += damping;
        }
        auto move = solve(factor, downhill);
        double slope = 0;
        double longest = 0;
        for (std::size_t i = 0; i < N; ++i) {
            slope -= move[i] * downhill[i];
            longest = std::max(longest, std::abs(move[i]));
        }
        auto const last = !damped && -slope / 2 < gain_enough;
        double length = longest > longest_step ? longest_step / longest : 1;
        bool moved = false;
        auto const from = theta;
        for (int halving = 0; halving < 40 && !last; ++halving, length /= 2) {
            for (std::size_t i = 0; i < N; ++i) {
                theta[i] = std::clamp(from[i] + length * move[i], -farthest_log, farthest_log);
            }
            auto const next = look(theta);
            if (next.value <= now.value + 1e-4 * length * slope) {
                now = next;
                moved = true;
                break;
            }
        }
        if (moved) continue;
        // what is left to gain is below what one evaluation can tell, or nothing in this direction is
        out.converged = last || (!damped && -slope / 2 < 1e-6);
        if (out.converged && longest < 1e-2) {
            for (std::size_t i = 0; i < N; ++i) {
                theta[i] = std::clamp(from[i] + move[i], -farthest_log, farthest_log);
            }
            now.value += slope / 2;
        } else {
            theta = from;
        }
        break;
    }
    out.value = -now.value;
    auto factor = now.hessian;
    for (std::size_t i = 0; i < N; ++i) {
        out.at[i] = std::exp(theta[i]);
        out.on_bound[i] = out.on_bound[i] || std::abs(theta[i]) >= farthest_log;
        if (!out.on_bound[i]) continue;
        for (std::size_t j = 0; j < N; ++j) factor[std::max(i, j)][std::min(i, j)] = i == j ? 1 : 0;
    }
    auto const curved = cholesky(factor);
    mat<N> covariance{};
    for (std::size_t i = 0; i < N; ++i) {
        vec<N> unit{};
        unit[i] = 1;
        if (curved) covariance[i] = solve(factor, unit);
        auto const known = curved && !out.on_bound[i];
        out.standard_errors[i] =
            known ? out.at[i] * std::sqrt(covariance[i][i]) : std::numeric_limits<double>::quiet_NaN();
        for (std::size_t j = 0; j < i && curved; ++j) {
            out.correlations[i][j] = covariance[i][j] / std::sqrt(covariance[i][i] * covariance[j][j]);
        }
    }
    return out;
}

/// The best of several starts; of equals the first. Later ones are tried only while none has converged off its bounds.
template <std::size_t N, std::size_t Starts, class F>
maximum<N> maximise_from(F const& f, std::array<vec<N>, Starts> const& starts) {
    maximum<N> best;
    std::uint32_t evaluations = 0;
    for (auto const& start : starts) {
        auto const found = maximise<N>(f, start);
        evaluations += found.evaluations;
        auto const better =
            found.value > best.value + 1e-6 || (found.converged && !best.converged && found.value > best.value - 1e-6);
        if (better) best = found;
        auto const bounded = std::none_of(best.on_bound.begin(), best.on_bound.end(), [](bool b) { return b; });
        if (best.converged && bounded) break;
    }
    best.evaluations = evaluations;
    return best;
}

}  // namespace patron::v1::insight::detail
