#pragma once
#include <patron/insight/evaluation.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace patron::inline v1::insight {

namespace detail {

inline std::int32_t days_between(day from, day to) noexcept { return static_cast<std::int32_t>((to - from).count()); }

/// The positions by falling risk; those of equal risk as they stand, and what is no number last.
inline std::vector<std::size_t> by_falling(std::span<double const> risks) {
    std::vector<std::size_t> order(risks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return risks[a] > risks[b] || (std::isnan(risks[b]) && !std::isnan(risks[a]));
    });
    return order;
}

inline std::size_t part_of(double share, std::size_t all) {
    // a share of decimals, such as 0.1 of 30, is not to be rounded up for its last binary digit
    return static_cast<std::size_t>(std::ceil(share * static_cast<double>(all) - 1e-9));
}

inline std::optional<double> ratio(std::uint64_t part, std::uint64_t of) {
    if (of == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(of);
}

inline std::optional<double> median(std::vector<std::int32_t> all) {
    if (all.empty()) return std::nullopt;
    std::sort(all.begin(), all.end());
    return (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2.0;
}

PATRON_FN walk::walk(purchase_stream const& of, evaluation_protocol const& protocol)
    : of_{of}, protocol_{protocol}, days_(of.customers()), last_(of.customers()) {}

PATRON_FN purchase_stream::purchase const* walk::next(day at) {
    auto const all = of_.purchases();
    if (position_ == all.size() || all[position_].bought.on > at) return nullptr;
    auto const& purchase = all[position_++];
    ++days_[purchase.customer];
    last_[purchase.customer] = purchase.bought.on;
    return &purchase;
}

PATRON_FN scored_month_end walk::scored(day at) const {
    std::vector<bool> came_back(of_.customers());
    auto const all = of_.purchases();
    auto const end = at + std::chrono::days{protocol_.horizon_days};
    for (auto i = position_; i < all.size() && all[i].bought.on <= end; ++i) came_back[all[i].customer] = true;
    scored_month_end out{.at = at};
    for (std::uint32_t customer = 0; customer < days_.size(); ++customer) {
        if (days_[customer] < static_cast<std::uint32_t>(protocol_.least_purchases)) continue;
        auto const silent = days_between(last_[customer], at);
        if (silent >= protocol_.active_within_days) continue;
        out.customers.push_back(customer);
        out.lost.push_back(!came_back[customer]);
        out.silent_days.push_back(silent);
    }
    return out;
}

/// Alerts of all month ends, and of whom the first one came when.
class alert_count {
public:
    alert_count(purchase_stream const& of, evaluation_protocol const& protocol)
        : of_{of}, protocol_{protocol}, first_delay_(of.customers(), never) {}

    void add(scored_month_end const& scores) {
        auto const order = by_falling(scores.risks);
        auto const alerted = part_of(protocol_.alert_budget, order.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            auto const at = order[i];
            stayed_ += scores.lost[at] ? 0U : 1U;
            if (i >= alerted) continue;
            ++alerts_;
            false_ += scores.lost[at] ? 0U : 1U;
            // an alert before a later purchase is no alert of the last one: the delay counts from what was last then
            alerts_of_.push_back({scores.customers[at], scores.at});
        }
    }

    [[nodiscard]] alert_figures figures(day first_end, day last_end) {
        alert_figures out{.alerts = alerts_, .false_share = ratio(false_, alerts_)};
        out.false_alarm_rate = ratio(false_, stayed_);
        std::vector<std::uint32_t> days(of_.customers());
        std::vector<day> last(of_.customers());
        for (auto const& p : of_.purchases()) ++days[p.customer], last[p.customer] = p.bought.on;
        for (auto const& [customer, at] : alerts_of_) {
            if (at < last[customer]) continue;
            first_delay_[customer] = std::min(first_delay_[customer], days_between(last[customer], at));
        }
        std::vector<std::int32_t> delays;
        std::vector<std::int32_t> leads;
        std::uint64_t caught = 0;
        for (std::size_t i = 0; i < last.size(); ++i) {
            if (days[i] < static_cast<std::uint32_t>(protocol_.least_purchases)) continue;
            if (last[i] < first_end - std::chrono::days{30}) continue;
            if (last[i] > last_end - std::chrono::days{protocol_.horizon_days}) continue;
            ++out.churners;
            if (first_delay_[i] == never) continue;
            delays.push_back(first_delay_[i]);
            if (first_delay_[i] <= protocol_.horizon_days) ++caught;
            if (first_delay_[i] < protocol_.active_within_days) {
                leads.push_back(protocol_.active_within_days - first_delay_[i]);
            }
        }
        out.caught = ratio(caught, out.churners);
        out.median_delay_days = median(std::move(delays));
        out.median_lead_days = median(std::move(leads));
        return out;
    }

private:
    static constexpr std::int32_t never = INT32_MAX;
    struct alert {
        std::uint32_t customer;
        day at;
    };

    purchase_stream const& of_;
    evaluation_protocol protocol_;
    std::vector<alert> alerts_of_{};
    std::vector<std::int32_t> first_delay_;
    std::uint64_t alerts_ = 0;
    std::uint64_t false_ = 0;
    std::uint64_t stayed_ = 0;  ///< scores of customers who bought within the horizon
};

inline std::array<calibration_bin, 10> calibration_of(std::span<scored_month_end const> scores) {
    std::array<calibration_bin, 10> bins{};
    for (auto const& end : scores) {
        for (std::size_t i = 0; i < end.risks.size(); ++i) {
            auto const risk = end.risks[i];
            if (!(risk >= 0 && risk <= 1)) return {};
            auto& bin = bins[std::min<std::size_t>(static_cast<std::size_t>(risk * 10), 9)];
            ++bin.customers;
            bin.mean_risk += risk;
            bin.lost += end.lost[i] ? 1 : 0;
        }
    }
    for (auto& bin : bins) {
        if (bin.customers == 0) continue;
        bin.mean_risk /= static_cast<double>(bin.customers);
        bin.lost /= static_cast<double>(bin.customers);
    }
    return bins;
}

}  // namespace detail

PATRON_FN std::optional<double> area_under_curve(std::span<double const> risks, std::vector<bool> const& lost) {
    auto const order = detail::by_falling(risks);
    double won = 0;           // pairs of one lost and one who stayed, the lost one higher
    std::uint64_t above = 0;  // lost so far
    std::uint64_t stayed = 0;
    for (std::size_t i = 0; i < order.size();) {
        std::uint64_t lost_here = 0;
        auto const begin = i;
        do {
            lost_here += lost[order[i]] ? 1U : 0U;
        } while (++i < order.size() && !(risks[order[i]] < risks[order[begin]]) &&
                 std::isnan(risks[order[i]]) == std::isnan(risks[order[begin]]));
        auto const stayed_here = i - begin - lost_here;
        won += static_cast<double>(stayed_here) * (static_cast<double>(above) + static_cast<double>(lost_here) / 2);
        above += lost_here;
        stayed += stayed_here;
    }
    if (above == 0 || stayed == 0) return std::nullopt;
    return won / (static_cast<double>(above) * static_cast<double>(stayed));
}

PATRON_FN std::optional<double> precision_at(double share, std::span<double const> risks,
                                             std::vector<bool> const& lost) {
    if (risks.empty()) return std::nullopt;
    auto const order = detail::by_falling(risks);
    auto const wanted = detail::part_of(share, order.size());
    if (wanted == 0) return std::nullopt;
    auto const cut = risks[order[wanted - 1]];
    double sure = 0, above = 0, at_cut = 0, lost_at_cut = 0;
    for (auto const i : order) {
        auto const is_lost = lost[i] ? 1.0 : 0.0;
        if (risks[i] > cut) {
            ++above;
            sure += is_lost;
        } else if (risks[i] == cut) {
            ++at_cut;
            lost_at_cut += is_lost;
        }
    }
    auto const k = static_cast<double>(wanted);
    return (sure + (k - above) * lost_at_cut / at_cut) / k;
}

PATRON_FN result<std::vector<day>> month_ends(purchase_stream const& of, day known_until,
                                              evaluation_protocol const& protocol) {
    auto const refused = [](char const* field, std::string saw, char const* remedy) {
        return error{.code = errc::out_of_range, .field = field, .saw = std::move(saw), .remedy = remedy};
    };
    if (protocol.horizon_days < 1 || protocol.horizon_days > 3'650) {
        return refused("horizon", std::to_string(protocol.horizon_days), "give 1 to 3650 days");
    }
    if (protocol.active_within_days < 1) {
        return refused("active_within", std::to_string(protocol.active_within_days), "give a number of days from 1 on");
    }
    if (protocol.least_purchases < 1) {
        return refused("min_orders", std::to_string(protocol.least_purchases), "give a number from 1 on");
    }
    if (!(protocol.alert_budget > 0 && protocol.alert_budget <= 1)) {
        return refused("alert_budget", std::to_string(protocol.alert_budget), "give a share above 0, at most 1");
    }
    std::vector<day> out;
    auto const horizon = std::chrono::days{protocol.horizon_days};
    if (!of.empty()) {
        constexpr std::chrono::days run_up{60};
        auto const from = protocol.from.value_or(of.first() + std::chrono::days{protocol.active_within_days} + run_up);
        auto const until = std::min(protocol.until.value_or(known_until - horizon), known_until - horizon);
        auto month = period{std::max(from, of.first())};
        for (; month.last() <= until; month = month + 1) out.push_back(month.last());
    }
    if (out.empty()) {
        return error{.code = errc::missing_field,
                     .field = "month end",
                     .saw = of.empty()
                                ? "no purchase"
                                : "purchases from " + to_string(of.first()) + ", known until " + to_string(known_until),
                     .remedy =
                         "give a longer history, an earlier first month end (from), a later last one (until) or a "
                         "shorter horizon: a month end is "
                         "judged when its horizon is over"};
    }
    return out;
}

PATRON_FN evaluation figures_of(std::span<scored_month_end const> scores, purchase_stream const& of,
                                evaluation_protocol const& protocol) {
    evaluation out;
    detail::alert_count alerts{of, protocol};
    double base = 0, auc = 0, precision = 0;
    std::uint64_t judged = 0, with_auc = 0, with_customers = 0;
    for (auto const& end : scores) {
        month_end_figures figures{.at = end.at, .customers = end.customers.size()};
        auto const lost = static_cast<std::uint64_t>(std::count(end.lost.begin(), end.lost.end(), true));
        figures.base_rate = detail::ratio(lost, figures.customers).value_or(0);
        figures.auc = area_under_curve(end.risks, end.lost);
        figures.precision_at_10 = precision_at(0.1, end.risks, end.lost);
        if (figures.auc) ++with_auc, auc += *figures.auc;
        if (figures.precision_at_10) {
            ++with_customers;
            base += figures.base_rate;
            precision += *figures.precision_at_10;
        }
        judged += figures.customers;
        alerts.add(end);
        out.ends.push_back(figures);
    }
    if (out.ends.empty()) return out;
    out.mean = {.at = out.ends.back().at, .customers = judged};
    if (with_customers > 0) {
        out.mean.base_rate = base / static_cast<double>(with_customers);
        out.mean.precision_at_10 = precision / static_cast<double>(with_customers);
    }
    if (with_auc > 0) out.mean.auc = auc / static_cast<double>(with_auc);
    out.alerts = alerts.figures(out.ends.front().at, out.ends.back().at);
    out.calibration = detail::calibration_of(scores);
    return out;
}

}  // namespace patron::v1::insight
