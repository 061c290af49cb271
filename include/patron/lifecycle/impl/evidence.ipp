#pragma once
#include <patron/insight/order_rhythm.hpp>
#include <patron/insight/share_of_wallet.hpp>
#include <patron/lifecycle/evidence.hpp>

#include <algorithm>
#include <cmath>

namespace patron::inline v1::lifecycle {

PATRON_FN std::string_view name_of(evidence_kind kind) noexcept {
    constexpr std::string_view names[evidence_kinds] = {
        "missed_order", "falling_volume",  "falling_share", "overdue_complaint", "lost_contact",    "competitor",
        "breach",       "overdue_payment", "strain",        "falling_amounts",   "narrowing_range", "slowing_payment"};
    return names[static_cast<std::size_t>(kind)];
}

PATRON_FN int working_gap(customer_state const& state, lifecycle_rules const& rules) noexcept {
    auto const& d = rules.decline;
    if (state.purchase_days < static_cast<std::uint32_t>(d.least_purchase_days)) return d.default_gap_days;
    return std::max(state.usual_gap(), d.least_gap_days);
}

PATRON_FN std::int32_t total_of(evidence_list const& all) noexcept {
    std::int32_t sum = 0;
    for (auto const& e : all) sum += e.weight;
    return sum;
}

namespace detail {

/// The most that a silence weighs for its rareness, where the customer has a rhythm to tell it by.
inline std::int64_t most_for_silence(customer_state const& state, lifecycle_rules const& rules, int silent) {
    auto const& d = rules.decline;
    auto const has_rhythm = state.purchase_days >= static_cast<std::uint32_t>(d.least_purchase_days);
    if (!has_rhythm || state.monitors.gaps() < 2) return d.most_for_rhythm;
    constexpr double least = 1e-6;  // chances have six decimals
    auto const chance = std::max(insight::order_clock{state.monitors}.silence_chance(silent), least);
    auto const late = d.late_chance.count() / 10'000.0;
    if (chance > late) return 0;
    auto const most = d.late_weight + d.per_tenfold * std::log10(late / chance);
    return std::min<std::int64_t>(std::lround(most), d.most_for_rhythm);
}

inline void add_fall(running_level const& level, evidence_kind kind, std::int32_t weight, lifecycle_rules const& rules,
                     evidence_list& out) {
    if (level.count() < insight::least_for_level || level.recent() >= level.mean()) return;
    auto const rare = rules.decline.trend_chance.count() / 10'000.0;
    if (weight == 0 || insight::fall_chance(level) > rare) return;
    out.push_back({.kind = kind, .weight = weight, .saw = insight::recent_percent(level), .against = 100});
}

}  // namespace detail

PATRON_FN void rhythm_evidence::gather(customer_view view, lifecycle_rules const& rules, day_number on,
                                       evidence_list& out) const {
    auto const& state = view.state;
    auto const& d = rules.decline;
    if (state.last_order == no_day || on < state.last_order) return;

    auto const gap = working_gap(state, rules);
    auto const silent = on - state.last_order;
    if (silent >= d.late_from_gaps * gap) {
        auto const missed = silent / gap - 1;
        auto const weight = std::min<std::int64_t>(std::int64_t{d.per_missed_gap} * missed,
                                                   detail::most_for_silence(state, rules, silent));
        if (weight > 0) {
            out.push_back({.kind = evidence_kind::missed_order,
                           .weight = static_cast<std::int32_t>(weight),
                           .age_days = silent - gap,
                           .saw = silent,
                           .against = gap});
        }
    }
    detail::add_fall(state.monitors.lines(), evidence_kind::narrowing_range, d.narrowing_range, rules, out);

    volume_trend const volume{state, insight::last_whole_month(day_of(on)), rules.promotion.window_months};
    if (volume.months_before() < d.least_history_months || !volume.is_known() ||
        volume.at_least(d.volume_falls_below)) {
        detail::add_fall(state.monitors.amounts(), evidence_kind::falling_amounts, d.falling_amounts, rules, out);
        return;
    }
    out.push_back({.kind = evidence_kind::falling_volume,
                   .weight = volume.at_least(d.volume_collapses_below) ? d.falling_volume : d.collapsed_volume,
                   .age_days = 0,
                   .saw = volume.percent(),
                   .against = d.volume_falls_below.count() / 100});
}

namespace detail {

/// An observation's weight after `age` days: it fades evenly to nothing.
inline std::int32_t faded(std::int32_t weight, std::int32_t age, int fades_over) noexcept {
    if (age < 0 || age >= fades_over) return 0;
    return static_cast<std::int32_t>(std::int64_t{weight} * (fades_over - age) / fades_over);
}

/// Late by so much, by so many payments in a row, and rarely so by chance.
inline void add_slowing_payment(payment_rhythm const& payments, lifecycle_rules const& rules, day_number began,
                                day_number on, evidence_list& out) {
    auto const& d = rules.decline;
    constexpr std::uint32_t least_late_in_row = 3;
    if (payments.late_in_row() < least_late_in_row || payments.last() > on || payments.last() < began) return;
    auto const weight = faded(d.slowing_payment, on - payments.last(), d.fades_over_days);
    auto const level = payments.level();
    if (weight == 0 || level.count() < insight::least_for_level) return;
    auto const terms = running_level::of(payment_rhythm::whole_terms);
    auto const a_tenth_more = std::log(1.1);
    if (level.recent() < std::max(level.mean(), terms) + a_tenth_more) return;
    if (insight::rise_chance(level) > d.trend_chance.count() / 10'000.0) return;
    constexpr double most = 100'000;
    auto const percent = [&](double of) {
        return static_cast<std::int64_t>(std::clamp(100 * std::exp(of - terms), 1.0, most));
    };
    out.push_back({.kind = evidence_kind::slowing_payment,
                   .weight = weight,
                   .age_days = on - payments.last(),
                   .saw = percent(level.recent()),
                   .against = percent(level.mean())});
}

inline void add_observations(std::vector<observation> const& seen, evidence_kind kind, lifecycle_rules const& rules,
                             std::int32_t at_full_strength, day_number began, day_number on, evidence_list& out) {
    evidence sum{.kind = kind};
    for (auto const& o : seen) {
        auto const full = static_cast<std::int32_t>(std::int64_t{at_full_strength} * o.thousandths / 1'000);
        auto const weight = faded(full, on - o.on, rules.decline.fades_over_days);
        if (weight == 0 || o.on < began) continue;
        sum.weight += weight;
        ++sum.saw;
        sum.age_days = on - o.on;
        sum.what = o.what;  // the latest
    }
    if (sum.weight > 0) out.push_back(sum);
}

}  // namespace detail

PATRON_FN void record_evidence::gather(customer_view view, lifecycle_rules const& rules, day_number on,
                                       evidence_list& out) const {
    auto const& state = view.state;
    auto const& d = rules.decline;
    // an initial cooperation is below the share by definition, so that only a won stage can lose it
    auto const won = state.stage == stage::declining ? state.fell_from : state.stage;
    if (state.reviews_below > 0 && (won == stage::stable || won == stage::strategic)) {
        out.push_back(
            {.kind = evidence_kind::falling_share,
             .weight = std::min<std::int32_t>(d.per_review_below_share * state.reviews_below, d.most_for_share),
             .age_days = 30 * (state.reviews_below - 1),
             .saw = state.share_millionths / 10'000,
             .against = rules.promotion.keep_share.count() / 100});
    }
    if (view.records == nullptr) return;
    auto const& records = *view.records;
    auto const began = state.won_back_on;  // what drove the customer away before is no sign of a new decline

    evidence complaints{.kind = evidence_kind::overdue_complaint};
    for (auto const& c : records.complaints) {
        if (!c.is_open() || c.since > on || c.since < began) continue;
        auto const limit = d.complaint_limit_days[static_cast<std::size_t>(c.severity - 1)];
        auto const open = on - c.since;
        if (open <= limit) continue;
        complaints.weight += d.per_complaint_severity * c.severity;
        if (open - limit > complaints.age_days) {
            complaints.age_days = open - limit;
            complaints.saw = open;
            complaints.against = limit;
            complaints.what = c.name;
        }
    }
    if (complaints.weight > 0) out.push_back(complaints);

    evidence lost{.kind = evidence_kind::lost_contact};
    std::int64_t there = 0;
    for (auto const& c : records.contacts) there += c.is_there() || c.left > on ? 1 : 0;
    for (auto const& c : records.contacts) {
        if (c.is_there() || c.left > on || c.left < began) continue;
        auto const weight =
            detail::faded(there == 0 ? d.lost_last_contact : d.lost_contact, on - c.left, d.fades_over_days);
        if (weight <= lost.weight) continue;  // one loss counts, the gravest: a team that moves on is one event
        lost.weight = weight;
        lost.age_days = on - c.left;
        lost.what = c.person;
    }
    if (lost.weight > 0) {
        lost.saw = there;
        lost.against = 1;
        out.push_back(lost);
    }

    detail::add_observations(records.competitors, evidence_kind::competitor, rules, d.competitor_at_full_strength,
                             began, on, out);
    detail::add_observations(records.breaches, evidence_kind::breach, rules, d.per_breach_severity * 5, began, on, out);

    if (auto const& kept = records.powers->effects; !kept.empty()) {
        auto const how = strain_rules_of(rules);
        evidence strained{.kind = evidence_kind::strain};
        strained.saw = strain_of(kept, on, how);
        strained.weight = evidence_weight(static_cast<std::int32_t>(strained.saw), how);
        for (auto const& e : kept) {
            if (!is_sanction(e.code) || e.in_force_on == no_day || e.in_force_on > on) continue;
            if (!strained.what.empty() && on - e.in_force_on >= strained.age_days) continue;
            strained.age_days = on - e.in_force_on;
            strained.what = name_of(e.code);
        }
        if (strained.weight > 0) out.push_back(strained);
    }

    detail::add_slowing_payment(records.payments, rules, began, on, out);

    if (on - std::int64_t{records.ledger.none_due_before()} < d.overdue_days) return;  // the last kind; mostly so
    evidence overdue{.kind = evidence_kind::overdue_payment};
    auto const& invoices = records.ledger.invoices();
    for (auto position = records.ledger.first_open(); position < invoices.size(); ++position) {
        auto const& i = invoices[position];
        auto const late = on - i.due;
        if (i.open <= 0 || i.disputed || late < d.overdue_days || late <= overdue.saw) continue;
        overdue.weight = late >= d.long_overdue_days ? d.long_overdue_item : d.overdue_item;
        overdue.age_days = late;
        overdue.saw = late;
        overdue.against = d.overdue_days;
        overdue.what = i.invoice;
    }
    if (overdue.weight > 0) out.push_back(overdue);
}

}  // namespace patron::v1::lifecycle
