#pragma once
#include <patron/insight/gamma_gamma.hpp>
#include <patron/insight/impl/newton.hpp>
#include <patron/insight/impl/summary_rows.hpp>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

namespace detail {

/// ln Gamma without the global sign of C's.
inline double log_gamma(double of) { return boost::math::lgamma(of); }

inline curve<3> gamma_gamma_likelihood(vec<3> const& at, std::span<spend_summary const> rows) {
    enum : std::size_t { by_p, by_q, by_gamma };
    auto const [p, q, gamma] = at;
    curve<3> out;
    double customers = 0;
    for (auto row = rows.begin(); row != rows.end();) {
        // rows stand by x: what depends on it alone is computed once
        auto const x = row->x;
        double const count = x;
        auto const px = p * count;
        double weight = 0;
        for (; row != rows.end() && row->x == x; ++row) {
            double const w = row->weight;
            weight += w;
            auto const total = count * row->mean;
            auto const in = 1 / (gamma + total);
            auto const share = std::log(total * in);  // of the amounts in amounts and gamma
            auto const rest = std::log(gamma * in);
            out.value += w * (px * share + q * rest - std::log(row->mean));
            out.gradient[by_p] += w * count * share;
            out.gradient[by_q] += w * rest;
            auto const d_gamma = q / gamma - (px + q) * in;
            out.gradient[by_gamma] += w * d_gamma;
            out.hessian[by_gamma][by_p] -= w * count * in;
            out.hessian[by_gamma][by_q] += w * (1 / gamma - in);
            out.hessian[by_gamma][by_gamma] += w * ((px + q) * in * in - q / (gamma * gamma));
        }
        customers += weight;
        auto const di_both = boost::math::digamma(px + q);
        auto const tri_both = boost::math::trigamma(px + q);
        out.value += weight * (log_gamma(px + q) - log_gamma(px));
        out.gradient[by_p] += weight * count * (di_both - boost::math::digamma(px));
        out.gradient[by_q] += weight * di_both;
        out.hessian[by_p][by_p] += weight * count * count * (tri_both - boost::math::trigamma(px));
        out.hessian[by_q][by_p] += weight * count * tri_both;
        out.hessian[by_q][by_q] += weight * tri_both;
    }
    out.value -= customers * log_gamma(q);
    out.gradient[by_q] -= customers * boost::math::digamma(q);
    out.hessian[by_q][by_q] -= customers * boost::math::trigamma(q);
    return out;
}

/// Where all means are equal, the likelihood grows without end as amounts vary less and less: they are taken to vary by
/// about a thousandth.
inline model_fit<gamma_gamma> same_spend(std::vector<spend_summary> const& rows, double mean, double customers) {
    constexpr double shape = 1e6;
    model_fit<gamma_gamma> out{.model = {.p = shape, .q = shape, .gamma = mean * (shape - 1) / shape}};
    out.standard_errors.fill(std::numeric_limits<double>::quiet_NaN());
    for (auto const& row : rows) out.log_likelihood += row.weight * log_likelihood(out.model, row);
    out.customers = static_cast<std::uint64_t>(customers);
    out.rows = rows.size();
    out.warnings.emplace_back(
        customers > 1
            ? "all customers spend the same on average, so that nothing is known of how that varies: p, q and "
              "gamma only stand for it"
            : "a single customer came back, so that nothing is known of how spend varies: p, q and gamma "
              "only stand for it");
    return out;
}

}  // namespace detail

PATRON_FN double log_likelihood(gamma_gamma const& m, spend_summary const& of) noexcept {
    if (of.x == 0) return 0;
    double const x = of.x;
    auto const total = x * of.mean;
    return detail::log_gamma(m.p * x + m.q) - detail::log_gamma(m.p * x) - detail::log_gamma(m.q) +
           m.p * x * std::log(total / (m.gamma + total)) - m.q * std::log1p(total / m.gamma) - std::log(of.mean);
}

PATRON_FN std::optional<double> expected_spend(gamma_gamma const& m, spend_summary const& of) noexcept {
    auto const px = m.p * of.x;
    if (!(px + m.q > 1)) return std::nullopt;
    return m.p * (m.gamma + of.x * of.mean) / (px + m.q - 1);
}

PATRON_FN result<model_fit<gamma_gamma>> fit_gamma_gamma(std::span<spend_summary const> given) {
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto const& row = given[i];
        if (row.x == 0) continue;
        if (!(row.mean > 0) || !std::isfinite(row.mean)) {
            return detail::bad_row("mean", row.mean, i, "give an average amount above zero, or x = 0");
        }
        if (row.x > most_repeats) return detail::bad_row("x", row.x, i, "give at most 120000 repeat purchases");
        if (row.weight == 0) return detail::bad_row("weight", row.weight, i, "give at least one customer");
    }
    auto const rows = deduplicated(given);
    if (rows.empty()) {
        return error{.code = errc::missing_field,
                     .field = "rows",
                     .remedy = "give at least one customer with repeat purchases and an amount"};
    }
    double customers = 0;
    double mean = 0;
    double mean_x = 0;
    for (auto const& row : rows) {
        customers += row.weight;
        mean += row.weight * row.mean;
        mean_x += static_cast<double>(row.weight) * row.x;
    }
    mean /= customers;
    mean_x /= customers;
    double spread = 0;
    double spread_x = 0;
    double together = 0;
    for (auto const& row : rows) {
        spread += row.weight * (row.mean - mean) * (row.mean - mean);
        spread_x += row.weight * (row.x - mean_x) * (row.x - mean_x);
        together += row.weight * (row.x - mean_x) * (row.mean - mean);
    }
    if (!(spread > 1e-20 * customers * mean * mean)) return detail::same_spend(rows, mean, customers);
    // amounts are scaled by their mean, so that the range of gamma does not depend on their unit
    auto scaled = rows;
    for (auto& row : scaled) row.mean /= mean;
    std::array<detail::vec<3>, 2> const starts{{{4, 3, 0.5}, {1, 2, 1}}};
    auto found = detail::maximise_from<3>(
        [&](detail::vec<3> const& at) { return detail::gamma_gamma_likelihood(at, scaled); }, starts);
    found.at[2] *= mean;
    found.standard_errors[2] *= mean;
    found.value -= customers * std::log(mean);
    gamma_gamma const model{found.at[0], found.at[1], found.at[2]};
    auto out = detail::fit_of(found, model, customers, customers, rows.size());
    auto const correlation = spread_x > 0 ? together / std::sqrt(spread * spread_x) : 0;
    constexpr double most_correlated = 0.3;
    if (std::abs(correlation) > most_correlated) {
        std::array<char, 16> shown{};
        std::snprintf(shown.data(), shown.size(), "%.2f", correlation);
        out.warnings.push_back(std::string{"spend and number of purchases are correlated, "} + shown.data() +
                               ": the model supposes that they are not");
    }
    if (!(model.q > 1))
        out.warnings.emplace_back("q is at most 1: no average spend exists for a customer not seen yet");
    return out;
}

}  // namespace patron::v1::insight
