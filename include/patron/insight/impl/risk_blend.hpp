#pragma once
// How early warning makes the model of a month end: it looks at the book, trains, and blends what it has.
#include <patron/insight/early_warning.hpp>
#include <patron/insight/evaluation.hpp>
#include <patron/insight/impl/ridge_logit.hpp>
#include <patron/insight/impl/risk_features.hpp>
#include <patron/insight/impl/risk_scores.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace patron::inline v1::insight::detail {

[[nodiscard]] constexpr std::size_t index_of(risk_component of) noexcept { return static_cast<std::size_t>(of); }

/// Adds what the labels of a month say for each component's ranking, against the additive one's.
inline void weigh(training_month const& month, int horizon_days, std::array<double, risk_component_count>& evidence) {
    auto const rows = month.customers.size();
    auto const silent = static_cast<std::size_t>(std::count(month.silent.begin(), month.silent.end(), 1));
    if (month.scores.empty() || silent == 0 || silent == rows) return;
    constexpr double mean_month = 30.4;  // days: labels of months within one horizon overlap
    auto const weight = std::sqrt(static_cast<double>(rows)) * std::min(1.0, mean_month / horizon_days);
    std::vector<bool> const lost(month.silent.begin(), month.silent.end());
    auto const area = [&](std::size_t component) {
        return area_under_curve(std::span{month.scores}.subspan(component * rows, rows), lost).value();
    };
    auto const additive = area(index_of(risk_component::additive));
    for (std::size_t c = 0; c < evidence.size(); ++c) evidence[c] += weight * (area(c) - additive);
}

/// The rows themselves, or as many of them, evenly spread.
[[nodiscard]] inline std::vector<purchase_summary> thinned(std::vector<purchase_summary> rows, std::size_t most) {
    if (rows.size() <= most) return rows;
    for (std::size_t i = 0; i < most; ++i) rows[i] = rows[i * rows.size() / most];
    rows.resize(most);
    return rows;
}

/// Fits BG/NBD to the book, and gives the candidates, of which `model` gets the means of their gaps.
[[nodiscard]] inline std::vector<std::uint32_t> look_at_book(std::span<purchase_statistics const> customers, day at,
                                                             risk_model const& before, risk_model& model) {
    constexpr double week = 7;
    std::vector<std::uint32_t> candidates;
    std::vector<purchase_summary> rows;
    rows.reserve(customers.size());
    double means = 0;
    double scatter = 0;
    double freedom = 0;
    for (std::uint32_t i = 0; i < customers.size(); ++i) {
        auto const& c = customers[i];
        if (c.purchases == 0) continue;
        rows.push_back({.x = c.purchases - 1, .t_x = (c.last - c.first) / week, .T = (number_of(at) - c.first) / week});
        if (!is_candidate(c, model.horizon_days, at)) continue;
        candidates.push_back(i);
        double const gap_count = c.purchases - 1;
        means += c.log_gaps / gap_count;
        scatter += std::max(c.squared_log_gaps - c.log_gaps * c.log_gaps / gap_count, 0.0);
        freedom += gap_count - 1;
    }
    // a book that cannot be fitted yet has no repeat purchase, and so no candidate
    constexpr std::size_t enough = 32'768;  // more would cost time, and move no parameter by what a score shows
    auto const fit = fit_bg_nbd(thinned(std::move(rows), enough));
    auto const purchases = fit ? fit.value().model : before.purchases();
    model.r = purchases.r;
    model.alpha = purchases.alpha;
    model.a = purchases.a;
    model.b = purchases.b;
    model.candidates = static_cast<std::uint32_t>(candidates.size());
    if (candidates.empty()) return candidates;
    constexpr double least_variance = 0.05;
    model.mean_log_gap = means / static_cast<double>(candidates.size());
    model.log_gap_variance = std::max(scatter / std::max(freedom, 1.0), least_variance);
    return candidates;
}

/// Scores that were learnt from labels.
struct trained_scores {
    feature_ranges ranges{};
    additive_score additive{};
    additive_score linear{};
};

/// The columns of the additive score: every feature, and what it is above its knots.
[[nodiscard]] inline std::vector<design_term> additive_design(feature_ranges const& ranges) {
    using enum risk_feature;
    constexpr double of_line = 300;
    constexpr double of_bend = 2'000;
    // what is worth less, or needs years to show
    constexpr std::array weak{mean_amount,
                              recent_amount,
                              last_amount,
                              lines,
                              year_ago,
                              around_year_ago,
                              last_four_horizons,
                              season,
                              season_quarter,
                              half_year_season,
                              half_year_season_eighth};
    std::vector<design_term> terms;
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const is_weak = std::find(weak.begin(), weak.end(), static_cast<risk_feature>(f)) != weak.end();
        double const times = is_weak ? 2 : 1;
        terms.push_back({.feature = f, .ridge = of_line * times});
        for (std::size_t k = 0; k < ranges[f].knots.size(); ++k) {
            if (ranges[f].knots[k] < ranges[f].high) terms.push_back({f, k, of_bend * times});
        }
    }
    return terms;
}
/// Of the linear score: what is known of every customer without a model.
[[nodiscard]] inline std::vector<design_term> linear_design() {
    using enum risk_feature;
    constexpr double ridge = 100;
    std::vector<design_term> terms;
    for (auto const f :
         {silence, purchases, mean_amount, tenure, silence_to_mean_gap, last_horizon, last_two_horizons}) {
        terms.push_back({.feature = index_of(f), .ridge = ridge});
    }
    return terms;
}

/// Learns from months whose labels are known; nothing while they have too few of either.
[[nodiscard]] inline std::optional<trained_scores> train(std::span<training_month const> months, risk_model& model) {
    std::uint64_t silent = 0;
    std::uint64_t rows = 0;
    for (auto const& month : months) {
        silent += static_cast<std::uint64_t>(std::count(month.silent.begin(), month.silent.end(), 1));
        rows += month.silent.size();
    }
    model.silent = silent;
    model.ordered = rows - silent;
    constexpr std::uint64_t enough = 20;
    if (std::min(model.silent, model.ordered) < enough) return std::nullopt;
    trained_scores out{.ranges = ranges_of(months)};
    auto const additive = ridge_logit{months, out.ranges, additive_design(out.ranges)}.fit();
    auto const linear = ridge_logit{months, out.ranges, linear_design()}.fit();
    if (!additive || !linear) return std::nullopt;
    out.additive = *additive;
    out.linear = *linear;
    model.months = static_cast<std::uint32_t>(months.size());
    return out;
}

[[nodiscard]] inline additive_score score_of(risk_feature feature) noexcept {
    additive_score out;
    out.effects[index_of(feature)].free = 1;
    return out;
}

/// The score that needs no labels: who will not order by BG/NBD, has not ordered much of late, and is late by its own rhythm.
[[nodiscard]] inline additive_score untrained_score(risk_model const& model) noexcept {
    using enum risk_feature;
    auto out = score_of(bg_nbd_no_purchase);
    auto const wanted = std::log(std::max(4.0 / 3 * model.horizon_days, 120.0));
    auto const& half_lives = purchase_statistics::half_lives;
    std::size_t nearest = 0;
    for (std::size_t h = 1; h < half_lives.size(); ++h) {
        auto const off = [&](std::size_t i) { return std::abs(std::log(half_lives[i]) - wanted); };
        if (off(h) < off(nearest)) nearest = h;
    }
    constexpr double of_recent = 1.25;
    out.effects[index_of(recent_15) + nearest].free = -of_recent;
    // ln(gap) of customers who buy at random varies by pi^2/6: the less it does, the more their rhythm says
    constexpr double at_random = std::numbers::pi * std::numbers::pi / 6;
    out.effects[index_of(renewal_silence)].free = -0.5 * std::clamp(1 - model.log_gap_variance / at_random, 0.0, 1.0);
    return out;
}

struct spread {
    double mean = 0;
    double deviation = 0;
};
[[nodiscard]] inline spread spread_of(std::span<double const> values) noexcept {
    spread out;
    for (auto const v : values) out.mean += v;
    out.mean /= static_cast<double>(std::max<std::size_t>(values.size(), 1));
    for (auto const v : values) out.deviation += (v - out.mean) * (v - out.mean);
    out.deviation = std::sqrt(out.deviation / static_cast<double>(std::max<std::size_t>(values.size(), 1)));
    return out;
}

/// A score brought to the mean and deviation of another; the other itself where it ranks nobody.
[[nodiscard]] inline additive_score brought_to(additive_score const& score, spread const& own,
                                               additive_score const& other, spread const& wanted) noexcept {
    constexpr double none = 1e-9;
    if (own.deviation < none) return other;
    auto const scale = wanted.deviation / own.deviation;
    additive_score out;
    add_score(out, score, scale);
    out.intercept += wanted.mean - scale * own.mean;
    return out;
}

/// The parts of the blend, which sum up to one.
[[nodiscard]] inline std::array<double, risk_component_count> weights_of(
    std::array<double, risk_component_count> const& evidence, double fewer_labels) noexcept {
    constexpr double few = 200;
    std::array<double, risk_component_count> out{1, 0.25, 0.02, 0.1 + few / (few + fewer_labels)};
    auto const most = *std::max_element(evidence.begin(), evidence.end());
    double sum = 0;
    for (std::size_t c = 0; c < out.size(); ++c) sum += out[c] *= std::exp(evidence[c] - most);
    for (auto& weight : out) weight /= sum;
    return out;
}

/// Completes the model of a month end by what its components say of the candidates; gives what there is to learn from
/// later.
[[nodiscard]] inline training_month blend(early_warning_memory const& all, std::span<std::uint32_t const> candidates,
                                          std::optional<trained_scores> const& trained, risk_model& model) {
    std::array<additive_score, risk_component_count> components{};
    auto& additive = components[index_of(risk_component::additive)];
    additive = trained ? trained->additive : score_of(risk_feature::bg_nbd_no_purchase);
    components[index_of(risk_component::linear)] = trained ? trained->linear : additive;
    components[index_of(risk_component::silence)] = score_of(risk_feature::silence);
    components[index_of(risk_component::untrained)] = untrained_score(model);

    auto const count = candidates.size();
    auto const kept = std::min<std::size_t>(count, all.options.most_rows);
    training_month month{.at = model.made_on};
    month.customers.resize(kept);
    month.features.resize(kept * risk_feature_count);
    if (trained) month.scores.resize(kept * risk_component_count);

    std::array<std::vector<double>, risk_component_count> scores;
    for (auto& column : scores) column.resize(count);
    std::array<double, risk_feature_count> sums{};
    feature_maker maker{model, model.made_on};
    feature_block block;
    std::size_t row = 0;  // of those that are kept: the i-th is candidate i * count / kept
    for (std::size_t from = 0; from < count; from += feature_rows) {
        auto const rows = std::min(feature_rows, count - from);
        std::array<purchase_statistics const*, feature_rows> of{};
        for (std::size_t i = 0; i < rows; ++i) of[i] = &all.customers[candidates[from + i]];
        maker.make({of.data(), rows}, block);
        for (std::size_t c = 0; c < components.size(); ++c) add_up(components[c], block, rows, scores[c].data() + from);
        for (std::size_t f = 0; f < sums.size(); ++f) {
            for (std::size_t i = 0; i < rows; ++i) sums[f] += block.columns[f][i];
        }
        for (; row < kept && row * count / kept < from + rows; ++row) {
            auto const candidate = row * count / kept;
            month.customers[row] = candidates[candidate];
            for (std::size_t f = 0; f < sums.size(); ++f) {
                month.features[f * kept + row] = block.columns[f][candidate - from];
            }
            for (std::size_t c = 0; trained && c < components.size(); ++c) {
                month.scores[c * kept + row] = scores[c][candidate];
            }
        }
    }

    auto const wanted = spread_of(scores[index_of(risk_component::additive)]);
    for (auto const c : {risk_component::silence, risk_component::untrained}) {
        auto& score = components[index_of(c)];
        score = brought_to(score, spread_of(scores[index_of(c)]), additive, wanted);
    }
    if (trained) {
        model.weights = weights_of(all.evidence, static_cast<double>(std::min(model.silent, model.ordered)));
        model.log_odds.effects = trained->ranges;
    } else {
        for (std::size_t f = 0; f < sums.size(); ++f) {
            model.log_odds.effects[f].mean = sums[f] / static_cast<double>(std::max<std::size_t>(count, 1));
        }
    }
    for (std::size_t c = 0; c < components.size(); ++c) add_score(model.log_odds, components[c], model.weights[c]);
    return month;
}

}  // namespace patron::v1::insight::detail
