#pragma once
// Additive scores of blocks of customers.
#include <patron/insight/impl/risk_features.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace patron::inline v1::insight::detail {

/// The log-odds of the first rows of a block.
inline void add_up(additive_score const& by, feature_block const& of, std::size_t rows, double* out) noexcept {
    std::fill_n(out, rows, by.intercept);
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const effect = by.effects[f];
        if (effect.free == 0 && effect.slope == 0 && effect.hinges == std::array<double, 2>{}) continue;
        auto const& column = of.columns[f];
        for (std::size_t i = 0; i < rows; ++i) out[i] += effect.at(column[i]);
    }
}

/// Adds `weight` times a score to another. Of those with bends all have the same.
inline void add_score(additive_score& to, additive_score const& from, double weight) noexcept {
    to.intercept += weight * from.intercept;
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto& sum = to.effects[f];
        auto const& part = from.effects[f];
        sum.free += weight * part.free;
        sum.slope += weight * part.slope;
        for (std::size_t k = 0; k < part.hinges.size(); ++k) sum.hinges[k] += weight * part.hinges[k];
    }
}

/// Risks of blocks of customers on one day.
class risk_scorer {
public:
    risk_scorer(risk_model const& by, day at) noexcept : by_{by}, at_{at}, maker_{by, at} {}

    /// Precondition: at most `feature_rows` customers.
    void score(std::span<purchase_statistics const* const> of, std::span<double> out) {
        std::array<purchase_statistics const*, feature_rows> known{};
        std::array<std::size_t, feature_rows> place{};
        std::size_t rows = 0;
        for (std::size_t i = 0; i < of.size(); ++i) {
            out[i] = 1;
            if (of[i]->purchases == 0) continue;
            known[rows] = of[i];
            place[rows++] = i;
        }
        maker_.make({known.data(), rows}, block_);
        feature_column odds{};
        add_up(by_.log_odds, block_, rows, odds.data());
        for (std::size_t i = 0; i < rows; ++i) odds[i] = -odds[i];
        exp_each(odds.data(), rows);
        for (std::size_t i = 0; i < rows; ++i) {
            out[place[i]] = is_candidate(*known[i], by_.horizon_days, at_) ? 1 / (1 + odds[i]) : block_.no_purchase[i];
        }
    }

private:
    risk_model const& by_;
    day at_;
    feature_maker maker_;
    feature_block block_{};
};

}  // namespace patron::v1::insight::detail
