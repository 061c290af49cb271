#pragma once
#include <patron/insight/tracking.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace patron::inline v1::insight {

namespace detail {

/// The customers of a split's calibration: sorted purchase days without repetition, none after its end.
inline result<std::vector<std::vector<day>>> cohort_of(holdout_split const& split) {
    if (split.until < split.calibrated_until) {
        return error{.code = errc::out_of_range,
                     .field = "until",
                     .saw = to_string(split.until),
                     .remedy = "give a day from " + to_string(split.calibrated_until) + " on, the calibration's last"};
    }
    std::vector<std::vector<day>> cohort;
    for (auto const& given : split.order_days) {
        auto days = given;
        std::sort(days.begin(), days.end());
        days.erase(std::unique(days.begin(), days.end()), days.end());
        days.erase(std::upper_bound(days.begin(), days.end(), split.until), days.end());
        if (!days.empty() && days.front() <= split.calibrated_until) cohort.push_back(std::move(days));
    }
    if (cohort.empty()) {
        return error{.code = errc::missing_field,
                     .field = "order_days",
                     .remedy = "give at least one customer with an order up to " + to_string(split.calibrated_until)};
    }
    return cohort;
}

template <class Model>
result<std::vector<tracked_total>> track(Model const& model, holdout_split const& split, std::chrono::days step) {
    if (step < std::chrono::days{1}) {
        return error{.code = errc::out_of_range,
                     .field = "step",
                     .saw = std::to_string(step.count()) + " days",
                     .remedy = "give at least one day"};
    }
    auto const cohort = cohort_of(split);
    if (!cohort) return cohort.error();
    std::map<day, std::uint64_t> began;
    std::map<day, std::uint64_t> bought;
    for (auto const& days : cohort.value()) {
        ++began[days.front()];
        for (std::size_t i = 1; i < days.size(); ++i) ++bought[days[i]];
    }
    auto const length = [&](std::chrono::days of) { return static_cast<double>(of.count()) / days_in(split.unit); };
    std::vector<tracked_total> periods;
    auto next = bought.begin();
    std::uint64_t actual = 0;
    for (auto end = began.begin()->first + step - std::chrono::days{1}; end <= split.until; end += step) {
        for (; next != bought.end() && next->first <= end; ++next) actual += next->second;
        double expected = 0;
        for (auto const& [first, customers] : began) {
            if (first >= end) break;
            expected += static_cast<double>(customers) * expected_purchases(model, length(end - first));
        }
        periods.push_back({.until = end, .actual = actual, .expected = expected});
    }
    return periods;
}

template <class Model>
result<holdout_table> hold_out(Model const& model, holdout_split const& split) {
    auto const cohort = cohort_of(split);
    if (!cohort) return cohort.error();
    if (split.until == split.calibrated_until) {
        return error{.code = errc::out_of_range,
                     .field = "until",
                     .saw = to_string(split.until),
                     .remedy = "give a later day than the calibration's last"};
    }
    auto const horizon = static_cast<double>((split.until - split.calibrated_until).count()) / days_in(split.unit);
    constexpr std::uint32_t most = 7;
    std::array<holdout_group, most + 1> groups{};
    holdout_table out;
    double squares_actual = 0;
    double squares_expected = 0;
    double products = 0;
    for (auto const& days : cohort.value()) {
        auto const summary = summary_of(days, split.calibrated_until, split.unit);
        auto const expected = expected_purchases(model, *summary, horizon);
        auto const actual = days.size() - 1 - summary->x;
        auto const bought = static_cast<double>(actual);
        ++out.customers;
        out.actual += actual;
        out.expected += expected;
        out.mean_absolute_error += std::abs(expected - bought);
        out.root_mean_square_error += (expected - bought) * (expected - bought);
        squares_actual += bought * bought;
        squares_expected += expected * expected;
        products += bought * expected;
        auto& group = groups[std::min(summary->x, most)];
        ++group.customers;
        group.actual += bought;
        group.expected += expected;
    }
    auto const n = static_cast<double>(out.customers);
    auto const total = static_cast<double>(out.actual);
    out.mean_absolute_error /= n;
    out.root_mean_square_error = std::sqrt(out.root_mean_square_error / n);
    auto const spread_actual = squares_actual - total * total / n;
    auto const spread_expected = squares_expected - out.expected * out.expected / n;
    out.correlation = spread_actual > 0 && spread_expected > 0
                          ? (products - total * out.expected / n) / std::sqrt(spread_actual * spread_expected)
                          : std::numeric_limits<double>::quiet_NaN();
    for (std::uint32_t x = 0; x <= most; ++x) {
        auto& group = groups[x];
        if (group.customers == 0) continue;
        group.x = x;
        group.actual /= static_cast<double>(group.customers);
        group.expected /= static_cast<double>(group.customers);
        out.by_x.push_back(group);
    }
    return out;
}

}  // namespace detail

PATRON_FN result<std::vector<tracked_total>> tracking(bg_nbd const& model, holdout_split const& split,
                                                      std::chrono::days step) {
    return detail::track(model, split, step);
}
PATRON_FN result<std::vector<tracked_total>> tracking(mbg_nbd const& model, holdout_split const& split,
                                                      std::chrono::days step) {
    return detail::track(model, split, step);
}
PATRON_FN result<std::vector<tracked_total>> tracking(pareto_nbd const& model, holdout_split const& split,
                                                      std::chrono::days step) {
    return detail::track(model, split, step);
}

PATRON_FN double mean_percentage_error(std::span<tracked_total const> periods, day calibrated_until) noexcept {
    double sum = 0;
    double count = 0;
    for (auto const& p : periods) {
        if (p.until <= calibrated_until) continue;
        if (p.actual == 0) return std::numeric_limits<double>::quiet_NaN();
        auto const actual = static_cast<double>(p.actual);
        sum += std::abs(p.expected - actual) / actual;
        ++count;
    }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

PATRON_FN result<holdout_table> holdout(bg_nbd const& model, holdout_split const& split) {
    return detail::hold_out(model, split);
}
PATRON_FN result<holdout_table> holdout(mbg_nbd const& model, holdout_split const& split) {
    return detail::hold_out(model, split);
}
PATRON_FN result<holdout_table> holdout(pareto_nbd const& model, holdout_split const& split) {
    return detail::hold_out(model, split);
}

}  // namespace patron::v1::insight
