#pragma once
#include <patron/policy/ladder_reasons.hpp>

#include <string>

namespace patron::inline v1::policy {

namespace ladder_detail {

inline reason judged(std::string_view rule, measure unit, std::int64_t saw, std::int64_t threshold, bool is_met) {
    return {.rule = rule,
            .unit = unit,
            .saw = saw,
            .threshold = threshold,
            .verdict = is_met ? verdict::met : verdict::not_met};
}

}  // namespace ladder_detail

PATRON_FN reasons reasons_of(lifecycle::supply_ladder::event what, lifecycle::supply_standing const& standing,
                             lifecycle::supply_case const& seen, lifecycle::supply_rules const& rules) {
    using ladder_detail::judged;
    using event = lifecycle::supply_ladder::event;
    reasons out;
    auto const f = lifecycle::look_at(standing, seen, rules);
    if (what == event::comply) {
        out.push_back(judged("supply_compliance", measure::days, f.days_complied, rules.complies_after_days,
                             f.days_complied >= rules.complies_after_days));
        return out;
    }
    reason const authority{.rule = "supply_authority",
                           .verdict = seen.authority.empty() ? verdict::not_met : verdict::met,
                           .what = std::string{seen.authority}};
    if (what == event::restore) {
        out.push_back(authority);
        return out;
    }
    auto const answered = f.days_since_use >= 0 && seen.last_breach <= standing.uses.front();
    auto const severity = answered || seen.last_breach == no_day ? std::int64_t{0} : std::int64_t{seen.severity};
    out.push_back(
        judged("supply_breach", measure::count, severity, rules.least_severity, severity >= rules.least_severity));
    out.push_back(authority);
    using guard = lifecycle::supply_ladder::guard;
    auto const suspends = f.guards(guard::grave_cause) && standing.rung < supply_rung::suspended;
    if (f.guards(guard::gravest_cause) || suspends) {  // it waits for nothing
        auto const least = f.guards(guard::gravest_cause) ? rules.terminates_at_once : rules.suspends_at_once;
        out.push_back(judged("supply_grave_cause", measure::count, severity, least, true));
        return out;
    }
    if (f.days_since_use >= 0) {
        out.push_back(judged("supply_cool_down", measure::days, f.days_since_use, rules.cool_down_days,
                             f.days_since_use >= rules.cool_down_days));
    }
    out.push_back(
        judged("supply_uses", measure::count, f.uses_in_year, rules.uses_a_year, f.uses_in_year < rules.uses_a_year));
    return out;
}

PATRON_FN reasons reasons_of(lifecycle::tier_standing const& standing, std::int64_t year_purchases, day_number on,
                             lifecycle::tier_rules const& rules) {
    using ladder_detail::judged;
    reasons out;
    auto const f = lifecycle::look_at(standing, year_purchases, on, rules);
    if (f.entry_of_next > 0) {
        out.push_back(
            judged("tier_entry", measure::amount, year_purchases, f.entry_of_next, year_purchases >= f.entry_of_next));
        if (f.days_in_tier >= 0) {
            out.push_back(judged("tier_stay", measure::days, f.days_in_tier, rules.least_stay_days,
                                 f.days_in_tier >= rules.least_stay_days));
        }
    }
    if (f.keeps_from > 0) {
        auto const keeps = year_purchases >= f.keeps_from;
        out.push_back(judged("tier_keep", measure::amount, year_purchases, f.keeps_from, keeps));
        if (!keeps) {
            out.push_back(
                judged("tier_grace", measure::days, f.days_below, rules.grace_days, f.days_below >= rules.grace_days));
        }
    }
    return out;
}

}  // namespace patron::v1::policy
