#pragma once
#include <patron/insight/impl/dropout.hpp>
#include <patron/insight/impl/dropout_time.hpp>
#include <patron/insight/impl/geometric_dropout.hpp>
#include <patron/insight/impl/vector_math.hpp>
#include <patron/insight/impl/vector_scores.hpp>
#include <patron/insight/scores.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>

namespace patron::inline v1::insight {

namespace detail {

/// A polynomial of 18 terms, for arguments in [-1, 1].
using score_polynomial = std::array<double, 18>;

inline result<void> check_columns(summary_columns const& of, std::span<double> out) {
    auto const n = of.x.size();
    auto const fault = [n](char const* field, std::size_t length) -> result<void> {
        return error{.code = errc::out_of_range,
                     .field = field,
                     .saw = std::to_string(length) + " long",
                     .remedy = "give " + std::to_string(n) + ", one for each x"};
    };
    if (of.t_x.size() != n) return fault("t_x", of.t_x.size());
    if (of.T.size() != n) return fault("T", of.T.size());
    if (out.size() != n) return fault("out", out.size());
    return {};
}

inline purchase_summary row_at(summary_columns const& of, std::size_t i) noexcept {
    return {.x = of.x[i], .t_x = of.t_x[i], .T = of.T[i]};
}

inline void p_alive_each(geometric_dropout const& m, summary_columns const& of, double* out, score_path how) noexcept {
    auto i = how == score_path::widest ? p_alive_by_vectors(m, of, out) : 0;
    for (; i < of.x.size(); ++i) out[i] = m.p_alive(row_at(of, i));
}

/// What an active customer will buy, as a function of x and u = ln(alpha + T), by cells of one x and a piece of u.
///
/// The function is analytic in u as far as pi from the real line, and a cell is 1.4 wide: 18 Chebyshev nodes give it to
/// the last digits. A cell that they do not (x in the thousands) is computed point by point.
class expectation_table {
public:
    expectation_table(geometric_dropout const& m, double horizon) : model_{m}, horizon_{horizon} {
        polynomials_.reserve(1'024);
    }

    [[nodiscard]] double at(std::uint32_t x, double u) {
        // counted from the first piece, where a cast is a floor, and no call
        auto const place = u * (1 / width) + middle;
        if (!(place >= 0 && place < most_pieces)) return exactly(x, u);
        auto const piece = static_cast<int>(place);
        auto const* const cell = find(x, piece);
        if (cell == nullptr) return exactly(x, u);
        auto const v = 2 * (place - piece) - 1;
        auto const square = v * v;
        // the even and the odd half at once: two chains are done sooner than one
        auto even = (*cell)[16];
        auto odd = (*cell)[17];
        for (int k = 14; k >= 0; k -= 2) {
            even = even * square + (*cell)[static_cast<std::size_t>(k)];
            odd = odd * square + (*cell)[static_cast<std::size_t>(k) + 1];
        }
        return even + v * odd;
    }

private:
    static constexpr double width = 1.4;
    static constexpr std::uint32_t most_x = 4096;
    static constexpr int most_pieces = 64;  ///< u from -44.8 to 44.8
    static constexpr int middle = most_pieces / 2;
    static constexpr std::int32_t unknown = -1;
    static constexpr std::int32_t no_polynomial = -2;

    [[nodiscard]] double exactly(std::uint32_t x, double u) const noexcept {
        return dropout_mean(model_.r + x, model_.a, model_.b + model_.survived(x), horizon_ * std::exp(-u));
    }

    [[nodiscard]] score_polynomial const* find(std::uint32_t x, int piece) {
        if (x >= most_x) return nullptr;
        if (x >= cells_.size() / most_pieces) cells_.resize((x + 1) * most_pieces, unknown);
        auto& number = cells_[x * most_pieces + static_cast<std::size_t>(piece)];
        if (number == unknown) number = make(x, piece);
        return number < 0 ? nullptr : &polynomials_[static_cast<std::size_t>(number)];
    }

    [[nodiscard]] std::int32_t make(std::uint32_t x, int piece) {
        constexpr auto count = std::tuple_size_v<score_polynomial>;
        std::array<double, count> value{};
        for (std::size_t i = 0; i < count; ++i) {
            value[i] = exactly(x, width * (piece - middle + (1 + node(1, i)) / 2));
        }
        std::array<double, count> chebyshev{};
        for (std::size_t k = 0; k < count; ++k) {
            for (std::size_t i = 0; i < count; ++i) chebyshev[k] += value[i] * node(k, i);
            chebyshev[k] *= (k == 0 ? 1.0 : 2.0) / count;
        }
        constexpr double seen = 1e-14;
        if (std::abs(chebyshev[count - 1]) + std::abs(chebyshev[count - 2]) > seen * std::abs(chebyshev[0])) {
            return no_polynomial;
        }
        // T_k by powers, from the recurrence T_k+1 = 2 v T_k - T_k-1
        score_polynomial powers{};
        score_polynomial before{};
        score_polynomial now{1};
        for (std::size_t k = 0; k < count; ++k) {
            for (std::size_t j = 0; j <= k; ++j) powers[j] += chebyshev[k] * now[j];
            score_polynomial next{};
            for (std::size_t j = 0; j + 1 < count; ++j) next[j + 1] = (k == 0 ? 1 : 2) * now[j];
            for (std::size_t j = 0; j < count; ++j) next[j] -= k == 0 ? 0 : before[j];
            before = now;
            now = next;
        }
        polynomials_.push_back(powers);
        return static_cast<std::int32_t>(polynomials_.size() - 1);
    }
    /// T_k at the i-th Chebyshev node.
    static double node(std::size_t k, std::size_t i) {
        constexpr auto count = std::tuple_size_v<score_polynomial>;
        static auto const all = [] {
            std::array<std::array<double, count>, count> t{};
            for (std::size_t n = 0; n < count; ++n) {
                for (std::size_t j = 0; j < count; ++j) {
                    t[n][j] =
                        std::cos(std::numbers::pi * static_cast<double>(n) * (static_cast<double>(j) + 0.5) / count);
                }
            }
            return t;
        }();
        return all[k][i];
    }

    geometric_dropout model_;
    double horizon_;
    std::vector<std::int32_t> cells_{};  ///< by x, then piece: number of a polynomial
    std::vector<score_polynomial> polynomials_{};
};

inline void expected_each(geometric_dropout const& m, summary_columns const& of, double horizon, double* out,
                          score_path how) {
    p_alive_each(m, of, out, how);
    if (!(horizon > 0)) {
        std::fill(out, out + of.x.size(), 0.0);
        return;
    }
    expectation_table table{m, horizon};
    constexpr std::size_t block = 512;
    std::array<double, block> u{};
    for (std::size_t from = 0; from < of.x.size(); from += block) {
        auto const count = std::min(block, of.x.size() - from);
        for (std::size_t i = 0; i < count; ++i) u[i] = m.alpha + of.T[from + i];
        if (how == score_path::widest) {
            log_each(u.data(), count);
        } else {
            for (std::size_t i = 0; i < count; ++i) u[i] = std::log(u[i]);
        }
        for (std::size_t i = 0; i < count; ++i) out[from + i] *= table.at(of.x[from + i], u[i]);
    }
}

/// By how much likelier a customer is gone than active, by Pareto/NBD, with exp and log of many numbers at once.
inline double odds_gone(pareto_nbd const& m, purchase_summary const& of) noexcept {
    auto const n = m.r + of.x;
    panel_integral const integral{m.alpha, m.beta, n, m.s + 1};
    auto const top = -n * std::log(m.alpha + of.T) - m.s * std::log(m.beta + of.T);
    auto const alpha_least = m.alpha <= m.beta;
    std::array<double, 16> y{}, u{}, other{};
    double sum = 0;
    auto const add = [&](auto const& rule, double low, double high) {
        constexpr auto count = std::tuple_size_v<decltype(rule.at)>;
        auto const half = (high - low) / 2;
        for (std::size_t i = 0; i < count; ++i) u[i] = y[i] = low + half * (1 + rule.at[i]);
        exp_each(u.data(), count);
        for (std::size_t i = 0; i < count; ++i) other[i] = integral.apart + u[i];
        log_each(other.data(), count);
        auto const by_y = alpha_least ? n : m.s + 1;
        auto const by_other = alpha_least ? m.s + 1 : n;
        for (std::size_t i = 0; i < count; ++i) y[i] = y[i] - by_y * y[i] - by_other * other[i] - top;
        exp_each(y.data(), count);
        for (std::size_t i = 0; i < count; ++i) sum += half * rule.weight[i] * y[i];
    };
    integral.each_panel(of.t_x, of.T, [&](double low, double high, bool few) {
        if (few) {
            add(gauss<8>(), low, high);
        } else {
            add(gauss<16>(), low, high);
        }
    });
    return m.s * sum;
}

}  // namespace detail

PATRON_FN result<void> p_alive(bg_nbd const& model, summary_columns const& of, std::span<double> out, score_path how) {
    if (auto const fits = detail::check_columns(of, out); !fits) return fits;
    detail::p_alive_each(detail::geometric_dropout{model}, of, out.data(), how);
    return {};
}
PATRON_FN result<void> p_alive(mbg_nbd const& model, summary_columns const& of, std::span<double> out, score_path how) {
    if (auto const fits = detail::check_columns(of, out); !fits) return fits;
    detail::p_alive_each(detail::geometric_dropout{model}, of, out.data(), how);
    return {};
}
PATRON_FN result<void> p_alive(pareto_nbd const& model, summary_columns const& of, std::span<double> out,
                               score_path how) {
    if (auto const fits = detail::check_columns(of, out); !fits) return fits;
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto const row = detail::row_at(of, i);
        out[i] = how == score_path::widest ? 1 / (1 + detail::odds_gone(model, row)) : p_alive(model, row);
    }
    return {};
}

PATRON_FN result<void> expected_purchases(bg_nbd const& model, summary_columns const& of, double horizon,
                                          std::span<double> out, score_path how) {
    if (auto const fits = detail::check_columns(of, out); !fits) return fits;
    detail::expected_each(detail::geometric_dropout{model}, of, horizon, out.data(), how);
    return {};
}
PATRON_FN result<void> expected_purchases(mbg_nbd const& model, summary_columns const& of, double horizon,
                                          std::span<double> out, score_path how) {
    if (auto const fits = detail::check_columns(of, out); !fits) return fits;
    detail::expected_each(detail::geometric_dropout{model}, of, horizon, out.data(), how);
    return {};
}
PATRON_FN result<void> expected_purchases(pareto_nbd const& model, summary_columns const& of, double horizon,
                                          std::span<double> out, score_path how) {
    if (auto const scored = p_alive(model, of, out, how); !scored) return scored;
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto const beta = model.beta + of.T[i];
        out[i] *= (model.r + of.x[i]) * beta / (model.alpha + of.T[i]) *
                  detail::decayed(model.s - 1, std::log1p(horizon / beta));
    }
    return {};
}

}  // namespace patron::v1::insight
