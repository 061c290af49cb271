#pragma once
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/impl/geometric_dropout.hpp>
#include <patron/insight/impl/newton.hpp>
#include <patron/insight/impl/summary_rows.hpp>

#include <array>
#include <cmath>

namespace patron::inline v1::insight {

namespace detail {

PATRON_FN curve<4> geometric_dropout::likelihood(fit_rows const& all) const {
    enum : std::size_t { by_r, by_alpha, by_a, by_b };
    curve<4> out;
    // the products of Gamma functions, factor by factor: all who have more than i purchases share the i-th
    auto const customers = all.customers;
    out.value += customers * r * std::log(alpha);
    out.gradient[by_r] += customers * std::log(alpha);
    out.gradient[by_alpha] += customers * r / alpha;
    out.hessian[by_alpha][by_r] += customers / alpha;
    out.hessian[by_alpha][by_alpha] -= customers * r / (alpha * alpha);
    auto const factor = [&](double count, double i) {
        auto const in_b = 1 / (b + i);
        auto const in_ab = 1 / (a + b + i);
        out.value += count * std::log((b + i) * in_ab);
        out.gradient[by_a] -= count * in_ab;
        out.gradient[by_b] += count * (in_b - in_ab);
        out.hessian[by_a][by_a] += count * in_ab * in_ab;
        out.hessian[by_b][by_a] += count * in_ab * in_ab;
        out.hessian[by_b][by_b] -= count * (in_b * in_b - in_ab * in_ab);
    };
    if (at_first == 1) factor(customers, 0);
    for (std::size_t i = 0; i < all.more_than.size(); ++i) {
        auto const count = all.more_than[i];
        auto const in_r = 1 / (r + static_cast<double>(i));
        out.value -= count * std::log(in_r);
        out.gradient[by_r] += count * in_r;
        out.hessian[by_r][by_r] -= count * in_r * in_r;
        factor(count, static_cast<double>(i) + at_first);
    }
    auto const log_alpha = std::log(alpha);
    for (auto const& row : all.rows) {
        double const w = row.weight;
        auto const n = r + row.x;
        auto const times = survived(row.x);
        auto const in_T = 1 / (alpha + row.T);
        auto const log_T = std::log(alpha + row.T);
        if (times == 0) {
            out.value -= w * n * log_T;
            out.gradient[by_r] -= w * log_T;
            out.gradient[by_alpha] -= w * n * in_T;
            out.hessian[by_alpha][by_r] -= w * in_T;
            out.hessian[by_alpha][by_alpha] += w * n * in_T * in_T;
            continue;
        }
        auto const in_t = 1 / (alpha + row.t_x);
        auto const log_t = row.t_x == 0 ? log_alpha : std::log(alpha + row.t_x);
        auto const in_b = 1 / (b + times - 1);
        // two ways to have been seen like this: active until T, or gone at t_x
        auto const ahead = n * (log_T - log_t);  // by how much less probable the first would be, but for a / (b + …)
        auto const odds = a * in_b * std::exp(ahead);
        auto const active = 1 / (1 + odds);
        auto const gone = odds < 1e300 ? odds * active : 1;
        out.value += w * (odds < 1e300 ? std::log1p(odds) - n * log_T : std::log(a * in_b) - n * log_t);
        auto const d_r = log_T - log_t;  // the second's derivatives, less the first's
        auto const d_alpha = n * (in_T - in_t);
        auto const d_a = 1 / a;
        auto const d_b = -in_b;
        out.gradient[by_r] += w * (gone * d_r - log_T);
        out.gradient[by_alpha] += w * (gone * d_alpha - n * in_T);
        out.gradient[by_a] += w * gone * d_a;
        out.gradient[by_b] += w * gone * d_b;
        auto const both = w * active * gone;
        out.hessian[by_r][by_r] += both * d_r * d_r;
        out.hessian[by_alpha][by_r] += both * d_r * d_alpha - w * (active * in_T + gone * in_t);
        out.hessian[by_alpha][by_alpha] +=
            both * d_alpha * d_alpha + w * n * (active * in_T * in_T + gone * in_t * in_t);
        out.hessian[by_a][by_r] += both * d_r * d_a;
        out.hessian[by_a][by_alpha] += both * d_alpha * d_a;
        out.hessian[by_a][by_a] += both * d_a * d_a - w * gone * d_a * d_a;
        out.hessian[by_b][by_r] += both * d_r * d_b;
        out.hessian[by_b][by_alpha] += both * d_alpha * d_b;
        out.hessian[by_b][by_a] += both * d_a * d_b;
        out.hessian[by_b][by_b] += both * d_b * d_b + w * gone * in_b * in_b;
    }
    return out;
}

template <class Model>
result<model_fit<Model>> fit_geometric_dropout(std::span<purchase_summary const> given, int at_first) {
    if (auto const sound = check_rows(given); !sound) return sound.error();
    fit_rows const all{given};
    auto const rate = all.rate();
    std::array<vec<4>, 3> const starts{{{0.5, 0.5 / rate, 0.8, 2.0}, {2, 2 / rate, 0.5, 8}, {1, 1 / rate, 0.05, 1}}};
    auto const found =
        maximise_from<4>([&](vec<4> const& p) { return geometric_dropout{p, at_first}.likelihood(all); }, starts);
    Model const model{found.at[0], found.at[1], found.at[2], found.at[3]};
    auto out = fit_of(found, model, all.customers, all.repeaters, all.rows.size());
    constexpr double none = 1e-3;
    if (model.a / (model.a + model.b) < none) {
        out.warnings.emplace_back("almost nobody drops out by this fit: P(alive) is near 1 for all and ranks nobody");
    }
    return out;
}

}  // namespace detail

PATRON_FN double log_likelihood(bg_nbd const& model, purchase_summary const& of) noexcept {
    return detail::geometric_dropout{model}.log_likelihood(of);
}
PATRON_FN double log_likelihood(mbg_nbd const& model, purchase_summary const& of) noexcept {
    return detail::geometric_dropout{model}.log_likelihood(of);
}
PATRON_FN double p_alive(bg_nbd const& model, purchase_summary const& of) noexcept {
    return detail::geometric_dropout{model}.p_alive(of);
}
PATRON_FN double p_alive(mbg_nbd const& model, purchase_summary const& of) noexcept {
    return detail::geometric_dropout{model}.p_alive(of);
}
PATRON_FN double p_no_purchase(bg_nbd const& model, purchase_summary const& of, double horizon) noexcept {
    return detail::geometric_dropout{model}.p_no_purchase(of, horizon);
}
PATRON_FN double p_no_purchase(mbg_nbd const& model, purchase_summary const& of, double horizon) noexcept {
    return detail::geometric_dropout{model}.p_no_purchase(of, horizon);
}
PATRON_FN double expected_purchases(bg_nbd const& model, purchase_summary const& of, double horizon) noexcept {
    return detail::geometric_dropout{model}.expected(of, horizon);
}
PATRON_FN double expected_purchases(mbg_nbd const& model, purchase_summary const& of, double horizon) noexcept {
    return detail::geometric_dropout{model}.expected(of, horizon);
}
PATRON_FN double expected_purchases(bg_nbd const& model, double t) noexcept {
    return detail::expected_new(detail::geometric_dropout{model}, t);
}
PATRON_FN double expected_purchases(mbg_nbd const& model, double t) noexcept {
    return detail::expected_new(detail::geometric_dropout{model}, t);
}
PATRON_FN double p_purchases(bg_nbd const& model, purchase_summary const& of, std::uint32_t n,
                             double horizon) noexcept {
    return detail::p_purchases_of(detail::geometric_dropout{model}, of, n, horizon);
}
PATRON_FN double p_purchases(mbg_nbd const& model, purchase_summary const& of, std::uint32_t n,
                             double horizon) noexcept {
    return detail::p_purchases_of(detail::geometric_dropout{model}, of, n, horizon);
}
PATRON_FN double p_purchases(bg_nbd const& model, std::uint32_t n, double t) noexcept {
    return detail::p_purchases_new(detail::geometric_dropout{model}, n, t);
}
PATRON_FN double p_purchases(mbg_nbd const& model, std::uint32_t n, double t) noexcept {
    return detail::p_purchases_new(detail::geometric_dropout{model}, n, t);
}

PATRON_FN result<model_fit<bg_nbd>> fit_bg_nbd(std::span<purchase_summary const> rows) {
    return detail::fit_geometric_dropout<bg_nbd>(rows, 0);
}
PATRON_FN result<model_fit<mbg_nbd>> fit_mbg_nbd(std::span<purchase_summary const> rows) {
    return detail::fit_geometric_dropout<mbg_nbd>(rows, 1);
}

}  // namespace patron::v1::insight
