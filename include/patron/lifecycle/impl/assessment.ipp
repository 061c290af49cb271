#pragma once
#include <patron/lifecycle/assessment.hpp>

namespace patron::inline v1::lifecycle {

PATRON_FN coverage coverage_of(customer_records const& records, lifecycle_rules const& rules, day_number on) {
    coverage ties;
    for (auto c = records.contacts.begin(); c != records.contacts.end(); ++c) {
        if (c->since > on || (!c->is_there() && c->left <= on)) continue;
        for (auto const& level : rules.coverage.executive_levels) ties.executives += c->level == level ? 1 : 0;
        bool counted = c->department.empty();
        for (auto earlier = records.contacts.begin(); earlier != c && !counted; ++earlier) {
            counted = earlier->department == c->department && earlier->since <= on &&
                      (earlier->is_there() || earlier->left > on);
        }
        ties.departments += counted ? 0 : 1;
    }
    constexpr int visit_counts_for_days = 365;
    if (records.executive_visit != no_day && records.executive_visit <= on &&
        on - records.executive_visit <= visit_counts_for_days) {
        ++ties.executives;
    }
    return ties;
}

PATRON_FN bool strategic_agreement_in_force(customer_records const& records, day_number on) noexcept {
    for (auto const& a : records.agreements) {
        if (a.kind == agreement_kind::strategic && a.in_force(on)) return true;
    }
    return false;
}

PATRON_FN std::int32_t evidence_needed(stage s, lifecycle_rules const& rules) noexcept {
    switch (s) {
        case stage::strategic: return rules.decline.confirms_strategic;
        case stage::stable: return rules.decline.confirms_stable;
        default: return rules.decline.confirms_initial;
    }
}

PATRON_FN assessment assess(customer_view view, lifecycle_rules const& rules, day_number on, bool review) {
    return assess_with(view, rules, on, review, stock_evidence{},
                       insight::last_statement{rules.own_history.statement_valid_months});
}

namespace detail {

PATRON_FN void judge_own_history(customer_state const& state, lifecycle_rules const& rules, assessment& a) {
    auto const& own = rules.own_history;
    if (state.purchase_days < static_cast<std::uint32_t>(own.least_purchase_days) ||
        a.on - state.cooperating_since() < own.least_tenure_days || a.silent_days > own.gap_multiple * a.gap_days) {
        return;
    }
    volume_trend const volume{state, insight::last_whole_month(day_of(a.on)), rules.promotion.window_months};
    a.regular = volume.is_known() && volume.at_least(own.least_volume);
}

PATRON_FN void set_guards(customer_state const& state, lifecycle_rules const& rules, assessment& a) {
    using enum relationship::guard;
    auto const stage_now = state.stage;
    auto const dwelt = a.dwell_days >= rules.promotion.least_dwell_days;
    auto const covered =
        a.coverage.executives >= rules.coverage.executives && a.coverage.departments >= rules.coverage.departments;
    a.guards.set(main_supplier, a.reviews_above >= rules.promotion.consecutive_reviews && dwelt);
    a.guards.set(strategic_ready, stage_now == stage::stable && a.agreement_in_force && covered && dwelt);
    a.guards.set(decline_confirmed, a.evidence_total >= a.evidence_needed);
    if (stage_now != stage::declining) return;

    auto const silent_for =
        a.silent_days >= rules.ending.silent_days && a.silent_days >= rules.ending.silent_gaps * a.gap_days;
    a.guards.set(silent, state.last_order != no_day && silent_for);
    auto const gone = std::int64_t{a.evidence_total} * 10'000 <=
                      std::int64_t{a.evidence_needed} * rules.recovery.evidence_at_most.count();
    auto const orders = state.last_order != no_day && a.silent_days <= rules.recovery.orders_within_gaps * a.gap_days;
    auto const holds_stage =
        a.share.is_known() ? a.share.millionths >= rules.promotion.keep_share.count() * 100 : a.regular;
    auto const recovered = gone && orders && a.dwell_days > 0;
    a.guards.set(recovered_to_strategic,
                 recovered && state.fell_from == stage::strategic && holds_stage && a.agreement_in_force && covered);
    a.guards.set(recovered_to_stable, recovered && state.fell_from >= stage::stable && holds_stage);
    a.guards.set(recovered_to_initial, recovered);
}

}  // namespace detail

}  // namespace patron::v1::lifecycle
