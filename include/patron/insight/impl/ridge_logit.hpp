#pragma once
// Logistic regression with a ridge, of labels on features that bend, by Newton's method.
#include <patron/insight/impl/rank_update.hpp>
#include <patron/insight/impl/risk_features.hpp>
#include <patron/insight/risk_model.hpp>
#include <patron/insight/training_month.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace patron::inline v1::insight::detail {

/// A column of the regression: a feature, or what it is above a knot.
struct design_term {
    std::size_t feature = 0;
    std::optional<std::size_t> knot{};  ///< which of the feature's two
    double ridge = 0;                   ///< of the standardised column
};

/// Features in the range that they had in training, and where they bend.
using feature_ranges = std::array<risk_effect, risk_feature_count>;

/// The quantile of sorted values, linear between them.
[[nodiscard]] inline double quantile_of(std::vector<double>& values, double share) {
    auto const place = share * static_cast<double>(values.size() - 1);
    auto const whole = static_cast<std::ptrdiff_t>(place);
    auto const at = values.begin() + whole;
    std::nth_element(values.begin(), at, values.end());
    if (at + 1 == values.end()) return *at;
    auto const next = *std::min_element(at + 1, values.end());
    return *at + (place - static_cast<double>(whole)) * (next - *at);
}

/// Lows, highs, means, and knots at the terciles; a knot at an end, or where the one before is, is put at the high end,
/// where it does nothing.
[[nodiscard]] inline feature_ranges ranges_of(std::span<training_month const> months) {
    feature_ranges out{};
    std::vector<double> values;
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto& range = out[f];
        values.clear();
        for (auto const& month : months) {
            auto const column = month.feature(f);
            values.insert(values.end(), column.begin(), column.end());
        }
        auto const [low, high] = std::minmax_element(values.begin(), values.end());
        range.low = *low;
        range.high = *high;
        for (auto const value : values) range.mean += value;
        range.mean /= static_cast<double>(values.size());
        constexpr double apart = 1e-9;
        auto before = range.low;
        for (std::size_t k = 0; k < range.knots.size(); ++k) {
            auto const at = quantile_of(values, static_cast<double>(k + 1) / 3);
            auto const inside = at > range.low + apart && at < range.high - apart && at != before;
            range.knots[k] = inside ? at : range.high;
            before = at;
        }
    }
    return out;
}

class ridge_logit {
public:
    ridge_logit(std::span<training_month const> months, feature_ranges const& ranges, std::vector<design_term> terms)
        : months_{months}, ranges_{ranges}, terms_{std::move(terms)} {
        columns_ = (terms_.size() + columns_at_once - 1) / columns_at_once * columns_at_once;
        plain_.resize(columns_ * feature_rows);
        weighted_.resize(columns_ * feature_rows);
        center_.resize(terms_.size());
        scale_.resize(terms_.size(), 1.0);
        standardise();
    }

    /// The regression as a score, its month effects by the mean of the last three; nothing where it cannot be computed.
    [[nodiscard]] std::optional<additive_score> fit() {
        auto const size = 1 + terms_.size() + months_.size();
        std::vector<double> at(size);
        double silent = 0;
        for (auto const& month : months_) {
            for (auto const s : month.silent) silent += s;
        }
        auto const base = std::clamp(silent / rows(), 0.01, 0.99);
        at[0] = std::log(base / (1 - base));
        constexpr int most_steps = 30;
        constexpr double longest = 3;
        constexpr double enough = 1e-6;
        for (int step = 0; step < most_steps; ++step) {
            auto const move = newton_step(at);
            if (!move) return std::nullopt;
            double largest = 0;
            for (auto const m : *move) largest = std::max(largest, std::abs(m));
            auto const length = largest > longest ? longest / largest : 1;
            for (std::size_t i = 0; i < size; ++i) at[i] += length * (*move)[i];
            if (largest < enough) break;
        }
        return score_of(at);
    }

private:
    [[nodiscard]] double rows() const noexcept {
        double sum = 0;
        for (auto const& month : months_) sum += static_cast<double>(month.customers.size());
        return sum;
    }

    /// Calls f(month, first row, rows) for each block.
    template <class F>
    void each_block(F const& f) const {
        for (std::size_t m = 0; m < months_.size(); ++m) {
            auto const count = months_[m].customers.size();
            for (std::size_t from = 0; from < count; from += feature_rows)
                f(m, from, std::min(feature_rows, count - from));
        }
    }
    /// The standardised columns of a block; rows beyond it are zero.
    void fill(std::size_t month, std::size_t from, std::size_t count) noexcept {
        for (std::size_t t = 0; t < terms_.size(); ++t) {
            auto const& term = terms_[t];
            auto const& range = ranges_[term.feature];
            auto const* const values = months_[month].feature(term.feature).data() + from;
            auto* const out = plain_.data() + t * feature_rows;
            auto const middle = center_[t];
            auto const scale = scale_[t];
            if (term.knot) {
                auto const knot = range.knots[*term.knot];
                for (std::size_t i = 0; i < count; ++i) out[i] = (std::max(values[i] - knot, 0.0) - middle) * scale;
            } else {
                for (std::size_t i = 0; i < count; ++i) out[i] = (values[i] - middle) * scale;
            }
            std::fill(out + count, out + feature_rows, 0.0);
        }
    }
    void standardise() {
        auto const n = rows();
        std::vector<double> sums(terms_.size());
        auto const add = [&](auto const& of) {
            std::fill(sums.begin(), sums.end(), 0.0);
            each_block([&](std::size_t m, std::size_t from, std::size_t count) {
                fill(m, from, count);
                for (std::size_t t = 0; t < terms_.size(); ++t) {
                    for (std::size_t i = 0; i < count; ++i) sums[t] += of(plain_[t * feature_rows + i]);
                }
            });
        };
        add([](double v) { return v; });
        for (std::size_t t = 0; t < terms_.size(); ++t) center_[t] = sums[t] / n;
        add([](double v) { return v * v; });
        constexpr double constant = 1e-9;
        for (std::size_t t = 0; t < terms_.size(); ++t) {
            auto const deviation = std::sqrt(sums[t] / n);
            scale_[t] = deviation < constant ? 0 : 1 / deviation;
        }
    }

    /// By parameters: the intercept, the terms, the months.
    [[nodiscard]] std::optional<std::vector<double>> newton_step(std::vector<double> const& at) {
        auto const terms = terms_.size();
        auto const size = at.size();
        std::vector<double> products(columns_ * columns_);
        std::vector<double> by_month(months_.size() * terms);  // of the weights with the terms
        std::vector<double> weight_of(months_.size());
        std::vector<double> gradient(size);
        feature_column odds{};
        feature_column weight{};
        feature_column rest{};
        each_block([&](std::size_t m, std::size_t from, std::size_t count) {
            fill(m, from, count);
            auto const padded = (count + rows_at_once - 1) / rows_at_once * rows_at_once;
            std::fill(odds.begin(), odds.end(), at[0] + at[1 + terms + m]);
            for (std::size_t t = 0; t < terms; ++t) {
                auto const* const z = plain_.data() + t * feature_rows;
                for (std::size_t i = 0; i < padded; ++i) odds[i] += at[1 + t] * z[i];
            }
            constexpr double most = 35;
            for (std::size_t i = 0; i < padded; ++i) odds[i] = -std::clamp(odds[i], -most, most);
            exp_each(odds.data(), padded);
            double weights = 0;
            double rests = 0;
            weight.fill(0);
            rest.fill(0);
            auto const* const silent = months_[m].silent.data() + from;
            for (std::size_t i = 0; i < count; ++i) {
                auto const p = 1 / (1 + odds[i]);
                weight[i] = p * (1 - p) + 1e-9;
                rest[i] = silent[i] - p;
                weights += weight[i];
                rests += rest[i];
            }
            weight_of[m] += weights;
            gradient[0] += rests;
            gradient[1 + terms + m] += rests;
            for (std::size_t t = 0; t < terms; ++t) {
                auto const* const z = plain_.data() + t * feature_rows;
                auto* const w = weighted_.data() + t * feature_rows;
                double sum = 0;
                double slope = 0;
                for (std::size_t i = 0; i < padded; ++i) {
                    w[i] = weight[i] * z[i];
                    sum += w[i];
                    slope += rest[i] * z[i];
                }
                by_month[m * terms + t] += sum;
                gradient[1 + t] += slope;
            }
            rank_update(weighted_.data(), plain_.data(), columns_, padded, feature_rows, products.data());
        });
        // the lower triangle, row by row
        std::vector<double> hessian(size * size);
        auto const entry = [&](std::size_t row, std::size_t column) -> double& { return hessian[row * size + column]; };
        constexpr double of_intercept = 1e-6;
        constexpr double of_month = 30;
        for (std::size_t t = 0; t < terms; ++t) {
            for (std::size_t u = 0; u <= t; ++u) entry(1 + t, 1 + u) = products[t * columns_ + u];
            entry(1 + t, 1 + t) += terms_[t].ridge;
            gradient[1 + t] -= terms_[t].ridge * at[1 + t];
        }
        for (std::size_t m = 0; m < months_.size(); ++m) {
            auto const row = 1 + terms + m;
            entry(0, 0) += weight_of[m];
            entry(row, 0) = weight_of[m];
            entry(row, row) = weight_of[m] + of_month;
            gradient[row] -= of_month * at[row];
            for (std::size_t t = 0; t < terms; ++t) {
                entry(1 + t, 0) += by_month[m * terms + t];
                entry(row, 1 + t) = by_month[m * terms + t];
            }
        }
        entry(0, 0) += of_intercept;
        gradient[0] -= of_intercept * at[0];
        if (!solve_in_place(hessian, gradient)) return std::nullopt;
        return gradient;
    }
    /// By Cholesky's factor of the lower triangle; false where it has none.
    static bool solve_in_place(std::vector<double>& a, std::vector<double>& b) noexcept {
        auto const n = b.size();
        for (std::size_t i = 0; i < n; ++i) {
            auto* const row = a.data() + i * n;
            for (std::size_t j = 0; j <= i; ++j) {
                auto const* const other = a.data() + j * n;
                auto sum = row[j];
                for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
                if (j < i) {
                    row[j] = sum / other[j];
                } else {
                    if (!(sum > 0) || !std::isfinite(sum)) return false;
                    row[i] = std::sqrt(sum);
                }
            }
        }
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
            b[i] /= a[i * n + i];
        }
        for (std::size_t i = n; i-- > 0;) {
            for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
            b[i] /= a[i * n + i];
        }
        return true;
    }

    [[nodiscard]] additive_score score_of(std::vector<double> const& at) const {
        additive_score out{.intercept = at[0], .effects = ranges_};
        auto const recent = std::min<std::size_t>(months_.size(), 3);
        for (std::size_t i = 0; i < recent; ++i) out.intercept += at[at.size() - 1 - i] / static_cast<double>(recent);
        for (std::size_t t = 0; t < terms_.size(); ++t) {
            auto const slope = at[1 + t] * scale_[t];
            auto& effect = out.effects[terms_[t].feature];
            (terms_[t].knot ? effect.hinges[*terms_[t].knot] : effect.slope) = slope;
            out.intercept -= slope * center_[t];
        }
        return out;
    }

    std::span<training_month const> months_;
    feature_ranges ranges_;
    std::vector<design_term> terms_;
    std::size_t columns_ = 0;  ///< terms, filled up
    std::vector<double> center_{};
    std::vector<double> scale_{};
    std::vector<double> plain_{};  ///< of a block, by columns
    std::vector<double> weighted_{};
};

}  // namespace patron::v1::insight::detail
