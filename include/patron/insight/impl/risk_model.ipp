#pragma once
#include <patron/insight/impl/risk_features.hpp>
#include <patron/insight/impl/risk_scores.hpp>
#include <patron/insight/risk_model.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace patron::inline v1::insight {

PATRON_FN std::string_view name_of(risk_feature of) noexcept {
    static constexpr std::array<std::string_view, risk_feature_count> names{"silence",
                                                                            "purchases",
                                                                            "mean_amount",
                                                                            "tenure",
                                                                            "silence_to_mean_gap",
                                                                            "last_horizon",
                                                                            "last_two_horizons",
                                                                            "bg_nbd_no_purchase",
                                                                            "bg_nbd_inactive",
                                                                            "nbd_no_purchase",
                                                                            "recent_15",
                                                                            "recent_30",
                                                                            "recent_60",
                                                                            "recent_120",
                                                                            "recent_240",
                                                                            "recent_480",
                                                                            "silence_deviation",
                                                                            "gap_irregularity",
                                                                            "silence_to_longest_gap",
                                                                            "mean_log_gap",
                                                                            "log_gap_spread",
                                                                            "renewal_no_purchase",
                                                                            "renewal_silence",
                                                                            "year_ago",
                                                                            "around_year_ago",
                                                                            "last_four_horizons",
                                                                            "season",
                                                                            "season_quarter",
                                                                            "half_year_season",
                                                                            "half_year_season_eighth",
                                                                            "recent_amount",
                                                                            "last_amount",
                                                                            "lines"};
    return names[static_cast<std::size_t>(of)];
}

PATRON_FN std::array<double, risk_feature_count> features_of(risk_model const& by, purchase_statistics const& of,
                                                             day at) {
    detail::feature_block block;
    auto const* const one = &of;
    detail::feature_maker{by, at}.make({&one, 1}, block);
    std::array<double, risk_feature_count> out{};
    for (std::size_t f = 0; f < out.size(); ++f) out[f] = block.columns[f][0];
    return out;
}

PATRON_FN void risks_of(risk_model const& by, std::span<purchase_statistics const* const> of, day at,
                        std::span<double> out) {
    BOOST_ASSERT(of.size() == out.size());
    detail::risk_scorer scorer{by, at};
    for (std::size_t from = 0; from < of.size(); from += detail::feature_rows) {
        auto const count = std::min(detail::feature_rows, of.size() - from);
        scorer.score(of.subspan(from, count), out.subspan(from, count));
    }
}

PATRON_FN risk_explanation explain_risk(risk_model const& by, purchase_statistics const& of, day at) {
    risk_explanation out;
    auto const* const one = &of;
    risks_of(by, {&one, 1}, at, {&out.risk, 1});
    out.candidate = is_candidate(of, by.horizon_days, at);
    if (!out.candidate) return out;
    out.baseline = by.log_odds.intercept;
    auto const values = features_of(by, of, at);
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const& effect = by.log_odds.effects[f];
        auto const usual = effect.at(effect.mean);
        auto const more = effect.at(values[f]) - usual;
        out.baseline += usual;
        if (more != 0) out.contributions.push_back({static_cast<risk_feature>(f), values[f], more});
    }
    std::stable_sort(out.contributions.begin(), out.contributions.end(),
                     [](auto const& l, auto const& r) { return std::abs(l.log_odds) > std::abs(r.log_odds); });
    out.log_odds = out.baseline;
    for (auto const& c : out.contributions) out.log_odds += c.log_odds;
    return out;
}

}  // namespace patron::v1::insight
