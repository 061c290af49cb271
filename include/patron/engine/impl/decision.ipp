#pragma once
#include <patron/base/money.hpp>
#include <patron/engine/decision.hpp>
#include <patron/fact/fact.hpp>
#include <patron/machine/names.hpp>

#include <algorithm>

namespace patron::inline v1 {

namespace detail {

inline std::string_view basis_word(share_basis b) { return patron::name_of(b); }

inline verdict met_if(bool holds) noexcept { return holds ? verdict::met : verdict::not_met; }

inline void add_evidence(std::vector<reason>& out, lifecycle::assessment const& a) {
    for (auto const& e : a.evidence) {
        reason r{.rule = lifecycle::name_of(e.kind), .what = std::string{e.what}};
        using enum lifecycle::evidence_kind;
        switch (e.kind) {
            case missed_order:
                if (!a.gap_is_own) r.rule = "missed_order_default_gap";
                [[fallthrough]];
            case overdue_complaint:
            case overdue_payment: r.unit = measure::days; break;
            case falling_volume:
            case falling_amounts:
            case narrowing_range:
            case slowing_payment:
            case falling_share: r.unit = measure::percent; break;
            case lost_contact:
            case competitor:
            case breach: r.unit = measure::count; break;
            case strain: r.unit = measure::weight; break;
        }
        r.saw = e.saw;
        if (e.against != 0 && e.kind != lost_contact) r.threshold = e.against;
        out.push_back(std::move(r));
    }
}

inline void add_share(std::vector<reason>& out, lifecycle::assessment const& a, lifecycle::lifecycle_rules const& rules,
                      customer_state const& state, std::int64_t threshold_bp) {
    if (a.share.is_known()) {
        out.push_back({.rule = "share_of_wallet",
                       .unit = measure::share,
                       .saw = a.share.millionths,
                       .threshold = threshold_bp * 100,
                       .verdict = met_if(a.share.millionths >= threshold_bp * 100),
                       .what = std::string{basis_word(a.share.basis)}});
    } else {
        out.push_back({.rule = "share_of_wallet",
                       .unit = measure::share,
                       .saw = std::nullopt,
                       .threshold = threshold_bp * 100,
                       .verdict = verdict::unknown,
                       .what = std::string{basis_word(share_basis::own_history)}});
        out.push_back({.rule = "regular_orders",
                       .unit = measure::count,
                       .saw = state.purchase_days,
                       .threshold = rules.own_history.least_purchase_days,
                       .verdict = met_if(a.regular)});
    }
}

inline void add_strategic(std::vector<reason>& out, lifecycle::assessment const& a,
                          lifecycle::lifecycle_rules const& rules) {
    out.push_back({.rule = "strategic_agreement", .verdict = met_if(a.agreement_in_force)});
    out.push_back({.rule = "executive_coverage",
                   .unit = measure::count,
                   .saw = a.coverage.executives,
                   .threshold = rules.coverage.executives,
                   .verdict = met_if(a.coverage.executives >= rules.coverage.executives)});
    out.push_back({.rule = "department_coverage",
                   .unit = measure::count,
                   .saw = a.coverage.departments,
                   .threshold = rules.coverage.departments,
                   .verdict = met_if(a.coverage.departments >= rules.coverage.departments)});
}

inline void add_dwell(std::vector<reason>& out, lifecycle::assessment const& a,
                      lifecycle::lifecycle_rules const& rules) {
    out.push_back({.rule = "least_dwell",
                   .unit = measure::days,
                   .saw = a.dwell_days,
                   .threshold = rules.promotion.least_dwell_days,
                   .verdict = met_if(a.dwell_days >= rules.promotion.least_dwell_days)});
}

inline void add_decline(std::vector<reason>& out, lifecycle::assessment const& a) {
    out.push_back({.rule = "decline_evidence",
                   .unit = measure::weight,
                   .saw = a.evidence_total,
                   .threshold = a.evidence_needed,
                   .verdict = met_if(a.evidence_total >= a.evidence_needed)});
    add_evidence(out, a);
}

inline void add_recovery(std::vector<reason>& out, customer_state const& state, lifecycle::assessment const& a,
                         lifecycle::lifecycle_rules const& rules) {
    auto const at_most = std::int64_t{a.evidence_needed} * rules.recovery.evidence_at_most.count() / 10'000;
    out.push_back({.rule = "recovery_evidence",
                   .unit = measure::weight,
                   .saw = a.evidence_total,
                   .threshold = at_most,
                   .verdict = met_if(a.evidence_total <= at_most)});
    add_evidence(out, a);
    std::int64_t const within = std::int64_t{rules.recovery.orders_within_gaps} * a.gap_days;
    out.push_back({.rule = "recovery_orders",
                   .unit = measure::days,
                   .saw = a.silent_days,
                   .threshold = within,
                   .verdict = met_if(a.silent_days <= within)});
    if (state.fell_from >= stage::stable) add_share(out, a, rules, state, rules.promotion.keep_share.count());
}

}  // namespace detail

PATRON_FN std::vector<reason> reasons_for(customer_state const& state, lifecycle::assessment const& a,
                                          lifecycle::relationship::event event, stage to,
                                          lifecycle::lifecycle_rules const& rules) {
    using enum lifecycle::relationship::event;
    std::vector<reason> out;
    switch (event) {
        case agreement_lapsed:
            out.push_back({.rule = "agreement_lapsed"});
            detail::add_decline(out, a);
            break;
        case agreement_signed:
            detail::add_strategic(out, a, rules);
            detail::add_dwell(out, a, rules);
            break;
        case review_held:
            switch (to) {
                case stage::declining:
                    if (state.stage == stage::declining) {
                        detail::add_recovery(out, state, a, rules);
                    } else {
                        detail::add_decline(out, a);
                    }
                    break;
                case stage::ended: {
                    if (state.stage == stage::ended) break;  // what ended it is told by the decision that did
                    std::int64_t const needed = std::max<std::int64_t>(
                        rules.ending.silent_days, std::int64_t{rules.ending.silent_gaps} * a.gap_days);
                    out.push_back({.rule = "silence",
                                   .unit = measure::days,
                                   .saw = a.silent_days,
                                   .threshold = needed,
                                   .verdict = detail::met_if(a.silent_days >= needed)});
                    break;
                }
                default:
                    if (state.stage == stage::declining) {
                        detail::add_recovery(out, state, a, rules);
                        break;
                    }
                    if (state.stage == stage::initial) {
                        detail::add_share(out, a, rules, state, rules.promotion.promote_share.count());
                        out.push_back(
                            {.rule = "consecutive_reviews",
                             .unit = measure::count,
                             .saw = a.reviews_above,
                             .threshold = rules.promotion.consecutive_reviews,
                             .verdict = detail::met_if(a.reviews_above >= rules.promotion.consecutive_reviews)});
                        detail::add_dwell(out, a, rules);
                    } else if (state.stage == stage::stable) {
                        detail::add_share(out, a, rules, state, rules.promotion.keep_share.count());
                        detail::add_strategic(out, a, rules);
                    } else if (state.stage == stage::strategic) {
                        detail::add_share(out, a, rules, state, rules.promotion.keep_share.count());
                    }
                    if (to == state.stage && to != stage::prospect) detail::add_decline(out, a);
            }
            break;
        case order_placed:
        case relationship_ended:
        case relationship_reopened: break;
    }
    return out;
}

PATRON_FN bool concerns_stage(decision const& d) noexcept {
    return d.event == "corrected" || machine::named<lifecycle::relationship::event>(d.event).has_value();
}

PATRON_FN void append_json(std::string& out, decision const& d, currency in) {
    auto const field = [&out](std::string_view name, std::string_view value) {
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
        out += ',';
    };
    out += '{';
    field("ref", d.ref);
    field("at", d.at.to_string());
    field("customer", d.customer);
    if (d.from && d.to) {
        field("from", name_of(*d.from));
        field("to", name_of(*d.to));
    }
    field("event", d.event);
    out += "\"effects\":[";
    for (auto const& e : d.effects) {
        out += &e == &d.effects.front() ? "{" : ",{";
        field("id", e.id);
        field("effect", name_of(e.code));
        field("family", name_of(family_of(e.code)));
        field("step", name_of(e.step));
        if (e.amount) field("amount", money{*e.amount, in}.to_string());
        if (e.since != no_day) field("since", to_string(day_of(e.since)));
        if (e.deadline != no_day) field("deadline", to_string(day_of(e.deadline)));
        if (!e.target.empty()) field("target", e.target);
        field("rule", e.rule);
        out.back() = '}';
    }
    out += "],\"why\":[";
    for (auto const& r : d.why) {
        out += &r == &d.why.front() ? "{" : ",{";
        field("rule", r.rule);
        field("saw",
              r.unit == measure::none || r.what.empty() ? saw_text(r, in) : saw_text(r, in) + " (" + r.what + ')');
        field("threshold", threshold_text(r, in));
        field("verdict", name_of(r.verdict));
        out.back() = '}';
    }
    out += "],";
    field("rulebook", d.rulebook);
    out.back() = '}';
}

}  // namespace patron::v1
