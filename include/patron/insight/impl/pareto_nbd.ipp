#pragma once
#include <patron/insight/impl/dropout.hpp>
#include <patron/insight/impl/dropout_time.hpp>
#include <patron/insight/impl/newton.hpp>
#include <patron/insight/impl/summary_rows.hpp>
#include <patron/insight/impl/vector_math.hpp>
#include <patron/insight/pareto_nbd.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace patron::inline v1::insight {

namespace detail {

/// The likelihood with its derivatives, over nodes of the time of dropping out: each node is a component of a mixture
/// whose logarithm is linear in r and s, so that the derivatives are means and covariances of its own.
inline curve<4> pareto_likelihood(vec<4> const& p, fit_rows const& all) {
    auto const [r, alpha, s, beta] = p;
    curve<4> out;
    auto const customers = all.customers;
    auto const log_alpha = std::log(alpha);
    auto const log_beta = std::log(beta);
    out.value = customers * (r * log_alpha + s * log_beta);
    out.gradient = {customers * log_alpha, customers * r / alpha, customers * log_beta, customers * s / beta};
    out.hessian[1][0] = customers / alpha;
    out.hessian[1][1] = -customers * r / (alpha * alpha);
    out.hessian[3][2] = customers / beta;
    out.hessian[3][3] = -customers * s / (beta * beta);
    for (std::size_t i = 0; i < all.more_than.size(); ++i) {
        auto const in_r = 1 / (r + static_cast<double>(i));
        out.value -= all.more_than[i] * std::log(in_r);
        out.gradient[0] += all.more_than[i] * in_r;
        out.hessian[0][0] -= all.more_than[i] * in_r * in_r;
    }
    auto const alpha_least = alpha <= beta;
    constexpr std::size_t most = 16;
    std::array<double, most> y{}, u{}, other{}, part{}, in_alpha{}, in_beta{};
    for (auto const& row : all.rows) {
        auto const n = r + row.x;
        panel_integral const integral{alpha, beta, n, s + 1};
        auto const log_aT = std::log(alpha + row.T);
        auto const log_bT = std::log(beta + row.T);
        auto const top = -n * log_aT - s * log_bT;  // of being active: the other components are set against it
        // of the components: their weight, and the sums of what the derivatives are made of
        double total = 1;
        std::array<double, 4> first{log_aT, 1 / (alpha + row.T), log_bT, 1 / (beta + row.T)};
        // derivatives of the logarithm of a component by (r, alpha, s, beta): -la, -n ia, -lb, -k ib
        double second[10] = {first[0] * first[0], first[0] * first[1], first[1] * first[1], first[0] * first[2],
                             first[1] * first[2], first[2] * first[2], first[0] * first[3], first[1] * first[3],
                             first[2] * first[3], first[3] * first[3]};
        // of the active component k is s, of the others s + 1
        auto const active_ib = first[3];
        double gone_weight = 0;
        std::array<double, 4> gone_first{};
        double gone_second[10] = {};
        auto const add = [&](auto const& rule, double low, double high) {
            constexpr auto count = std::tuple_size_v<decltype(rule.at)>;
            auto const half = (high - low) / 2;
            for (std::size_t i = 0; i < count; ++i) u[i] = y[i] = low + half * (1 + rule.at[i]);
            exp_each(u.data(), count);
            for (std::size_t i = 0; i < count; ++i) other[i] = integral.apart + u[i];
            for (std::size_t i = 0; i < count; ++i) {
                in_alpha[i] = 1 / (alpha_least ? u[i] : other[i]);
                in_beta[i] = 1 / (alpha_least ? other[i] : u[i]);
            }
            log_each(other.data(), count);
            auto const& la = alpha_least ? y : other;
            auto const& lb = alpha_least ? other : y;
            for (std::size_t i = 0; i < count; ++i) part[i] = y[i] - n * la[i] - (s + 1) * lb[i] - top;
            exp_each(part.data(), count);
            for (std::size_t i = 0; i < count; ++i) {
                auto const w = part[i] * half * rule.weight[i] * s;
                gone_weight += w;
                auto const wa = w * la[i];
                auto const wb = w * lb[i];
                auto const wia = w * in_alpha[i];
                auto const wib = w * in_beta[i];
                gone_first[0] += wa;
                gone_first[1] += wia;
                gone_first[2] += wb;
                gone_first[3] += wib;
                gone_second[0] += wa * la[i];
                gone_second[1] += wa * in_alpha[i];
                gone_second[2] += wia * in_alpha[i];
                gone_second[3] += wa * lb[i];
                gone_second[4] += wia * lb[i];
                gone_second[5] += wb * lb[i];
                gone_second[6] += wa * in_beta[i];
                gone_second[7] += wia * in_beta[i];
                gone_second[8] += wb * in_beta[i];
                gone_second[9] += wib * in_beta[i];
            }
        };
        integral.each_panel(row.t_x, row.T, [&](double low, double high, bool few) {
            if (few) {
                add(gauss<8>(), low, high);
            } else {
                add(gauss<16>(), low, high);
            }
        });
        total += gone_weight;
        auto const k = s + 1;
        // gradients as (-la, -n ia, -lb + 1/s if gone, -k ib)
        auto const in = 1 / total;
        auto const gone = gone_weight * in;
        vec<4> const g{-(first[0] + gone_first[0]) * in, -n * (first[1] + gone_first[1]) * in,
                       -(first[2] + gone_first[2]) * in + gone / s, -(s * active_ib + k * gone_first[3]) * in};
        mat<4> h{};
        h[0][0] = (second[0] + gone_second[0]) * in;
        h[1][0] = n * (second[1] + gone_second[1]) * in;
        h[1][1] = n * n * (second[2] + gone_second[2]) * in;
        h[2][0] = (second[3] + gone_second[3]) * in - gone_first[0] * in / s;
        h[2][1] = n * ((second[4] + gone_second[4]) * in - gone_first[1] * in / s);
        h[2][2] = (second[5] + gone_second[5]) * in - 2 * gone_first[2] * in / s + gone / (s * s);
        h[3][0] = (s * second[6] + k * gone_second[6]) * in;
        h[3][1] = n * (s * second[7] + k * gone_second[7]) * in;
        h[3][2] = (s * second[8] + k * gone_second[8]) * in - k * gone_first[3] * in / s;
        h[3][3] = (s * s * second[9] + k * k * gone_second[9]) * in;
        // and the components' own second derivatives
        h[1][0] -= (first[1] + gone_first[1]) * in;
        h[1][1] += n * (second[2] + gone_second[2]) * in;
        h[2][2] -= gone / (s * s);
        h[3][2] -= (active_ib + gone_first[3]) * in;
        h[3][3] += (s * second[9] + k * gone_second[9]) * in;
        double const weight = row.weight;
        out.value += weight * (top + std::log(total));
        for (std::size_t i = 0; i < 4; ++i) {
            out.gradient[i] += weight * g[i];
            for (std::size_t j = 0; j <= i; ++j) out.hessian[i][j] += weight * (h[i][j] - g[i] * g[j]);
        }
    }
    return out;
}

/// The chance that an active customer buys exactly n times in t, by its posterior rates.
inline double p_purchases_active(pareto_nbd const& m, std::uint32_t n, double t) {
    if (!(t > 0)) return n == 0 ? 1 : 0;
    auto const constant = log_rising(m.r, n) - log_rising(1, n);
    auto const stays = std::exp(constant - m.r * std::log1p(t / m.alpha) + n * std::log(t / (m.alpha + t)) -
                                m.s * std::log1p(t / m.beta));
    // it goes at u, and has bought n times by then; u^n joins the integrand, which then rises before it falls
    auto const at = [&](double u) {
        return std::exp(constant + m.r * std::log(m.alpha) + m.s * std::log(m.beta) + (n == 0 ? 0 : n * std::log(u)) -
                        (m.r + n) * std::log(m.alpha + u) - (m.s + 1) * std::log(m.beta + u));
    };
    auto const least = std::min(m.alpha, m.beta);
    auto const low = std::log(least);
    auto const high = std::log(least + t);
    // the peak in y is about 1 / sqrt(n) wide
    auto const panels = static_cast<int>(std::ceil((high - low) * std::max(1.0, std::sqrt(n + m.r + m.s) / 2)));
    auto const half = (high - low) / panels / 2;
    auto const& rule = gauss<16>();
    double goes = 0;
    for (int panel = 0; panel < panels; ++panel) {
        auto const middle = low + half * (2 * panel + 1);
        for (std::size_t i = 0; i < rule.at.size(); ++i) {
            auto const e = std::exp(middle + half * rule.at[i]);
            goes += half * rule.weight[i] * e * at(std::max(e - least, 0.0));
        }
    }
    return stays + m.s * goes;
}

}  // namespace detail

PATRON_FN double log_likelihood(pareto_nbd const& m, purchase_summary const& of) noexcept {
    detail::two_parts const parts{m, of};
    auto const more = std::max(parts.active, parts.gone);
    return detail::log_rising(m.r, of.x) + m.r * std::log(m.alpha) + m.s * std::log(m.beta) + more +
           std::log(std::exp(parts.active - more) + std::exp(parts.gone - more));
}

PATRON_FN double p_alive(pareto_nbd const& m, purchase_summary const& of) noexcept {
    detail::two_parts const parts{m, of};
    return 1 / (1 + std::exp(parts.gone - parts.active));
}

PATRON_FN double p_no_purchase(pareto_nbd const& m, purchase_summary const& of, double horizon) noexcept {
    // active customers buy first before they go: the density of that at u, over the horizon
    auto const n = m.r + of.x;
    auto const alpha = m.alpha + of.T;
    auto const beta = m.beta + of.T;
    if (!(horizon > 0)) return 1;
    auto const log_part = detail::panel_integral{alpha, beta, n + 1, m.s}.log_integral(0, horizon);
    return 1 - p_alive(m, of) * n * std::exp(log_part + n * std::log(alpha) + m.s * std::log(beta));
}

PATRON_FN double expected_purchases(pareto_nbd const& m, purchase_summary const& of, double horizon) noexcept {
    auto const beta = m.beta + of.T;
    return p_alive(m, of) * (m.r + of.x) * beta / (m.alpha + of.T) *
           detail::decayed(m.s - 1, std::log1p(horizon / beta));
}

PATRON_FN double expected_purchases(pareto_nbd const& m, double t) noexcept {
    return m.r * m.beta / m.alpha * detail::decayed(m.s - 1, std::log1p(t / m.beta));
}

PATRON_FN double p_purchases(pareto_nbd const& m, purchase_summary const& of, std::uint32_t n,
                             double horizon) noexcept {
    auto const alive = p_alive(m, of);
    pareto_nbd const then{m.r + of.x, m.alpha + of.T, m.s, m.beta + of.T};
    auto const p = alive * detail::p_purchases_active(then, n, horizon);
    return n == 0 ? p + (1 - alive) : p;
}

PATRON_FN double p_purchases(pareto_nbd const& m, std::uint32_t n, double t) noexcept {
    return detail::p_purchases_active(m, n, t);
}

PATRON_FN result<model_fit<pareto_nbd>> fit_pareto_nbd(std::span<purchase_summary const> given) {
    if (auto const sound = detail::check_rows(given); !sound) return sound.error();
    detail::fit_rows const all{given};
    auto const rate = all.rate();
    auto const watched = all.watched / all.customers;
    std::array<detail::vec<4>, 3> const starts{
        {{0.5, 0.25 / rate, 0.5, 0.3 * watched}, {2, 1 / rate, 1, watched}, {1, 0.5 / rate, 0.1, 0.1 * watched}}};
    auto const found =
        detail::maximise_from<4>([&](detail::vec<4> const& p) { return detail::pareto_likelihood(p, all); }, starts);
    pareto_nbd const model{found.at[0], found.at[1], found.at[2], found.at[3]};
    auto out = detail::fit_of(found, model, all.customers, all.repeaters, all.rows.size());
    auto const stay = std::exp(-model.s * std::log1p(watched / model.beta));
    if (stay > 0.999) {
        out.warnings.emplace_back("almost nobody drops out by this fit: P(alive) is near 1 for all and ranks nobody");
    }
    return out;
}

}  // namespace patron::v1::insight
